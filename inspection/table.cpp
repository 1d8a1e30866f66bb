#include "cornu/inspection/table.hpp"

#include <algorithm>

namespace cornu::detail {
namespace {

constexpr std::size_t gap = 2, least = 7;  // columns between columns, and of the narrowest

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// Takes at most so many characters off the front of a text, up to a space if there is one.
std::string take(std::string_view& text, std::size_t width) {
  std::size_t end = 0, characters = 0, space = 0;
  for (; end < text.size(); ++end) {
    if (!continues_character(text[end])) {
      if (characters == width) break;
      ++characters;
    }
    if (text[end] == ' ') space = end;
  }
  if (end < text.size() && space > 0) end = space;
  const std::string taken(text.substr(0, end));
  text.remove_prefix(end);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return taken;
}

}  // namespace

std::size_t text_columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::vector<std::size_t> Table::widths(std::size_t columns) const {
  std::vector<std::size_t> widths(rows_[0].size(), 0);
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < row.size(); ++c)
      widths[c] = std::max(widths[c], std::min(text_columns(row[c]), columns));
  std::size_t total = gap * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  for (; total > columns; --total) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= least) break;
    --*widest;
  }
  return widths;
}

std::string Table::to_string(std::size_t columns) const {
  const std::vector<std::size_t> width = widths(columns);
  std::size_t total = gap * (width.size() - 1);
  for (const std::size_t column : width) total += column;
  std::string text = std::string(total, '_') + "\n";
  for (std::size_t r = 0; r < rows_.size(); ++r) {
    std::vector<std::string_view> rest(rows_[r].begin(), rows_[r].end());
    do {
      std::string line;
      for (std::size_t c = 0; c < rest.size(); ++c) {
        const std::string cell = take(rest[c], width[c]);
        line += cell;
        if (c + 1 < rest.size()) line.append(width[c] + gap - text_columns(cell), ' ');
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    } while (std::any_of(rest.begin(), rest.end(), [](auto cell) { return !cell.empty(); }));
    const bool ends = r == 0 || r + 1 == rows_.size();
    if (ends || !rows_[r + 1][0].empty()) text += std::string(total, ends ? '=' : '_') + "\n";
  }
  return text;
}

}  // namespace cornu::detail
