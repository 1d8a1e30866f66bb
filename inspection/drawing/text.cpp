#include "cornu/inspection/drawing/text.hpp"

#include <array>
#include <cmath>

#include "cornu/core/text/utf8.hpp"

namespace cornu::detail {
namespace {

void append_utf8(std::string& text, char32_t c) {
  const auto byte = [&text](char32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | (c >> 6));
    byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | (c >> 12));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | (c >> 18));
    byte(0x80 | ((c >> 12) & 0x3F));
    byte(0x80 | ((c >> 6) & 0x3F));
    byte(0x80 | (c & 0x3F));
  }
}

/// What XML 1.0 allows, but for line ends, which a label has no use for.
bool drawable(char32_t c) {
  return c >= 0x20 && c != 0x7F && !(c >= 0xD800 && c < 0xE000) && c != 0xFFFE && c != 0xFFFF &&
         c <= 0x10FFFF;
}

// Advance widths of Helvetica in thousandths, from space to tilde (Adobe's font metrics).
constexpr std::array<short, 95> helvetica{
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333,  278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667,  611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278,  556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500,  500, 334, 260, 334, 584};

}  // namespace

std::vector<char32_t> characters(std::string_view text) {
  std::vector<char32_t> result;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_character(text, at);
    result.push_back(drawable(c) ? c : replacement_character);
  }
  return result;
}

std::string xml_escaped(std::string_view text) {
  std::string escaped;
  for (const char32_t c : characters(text)) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else
      append_utf8(escaped, c);
  }
  return escaped;
}

std::string shortened(std::string_view text, std::size_t most) {
  const std::vector<char32_t> all = characters(text);
  std::string result;
  const std::size_t head = all.size() <= most ? all.size() : most / 2;
  for (std::size_t i = 0; i < head; ++i) append_utf8(result, all[i]);
  if (head == all.size()) return result;
  append_utf8(result, 0x2026);
  for (std::size_t i = all.size() - (most - head - 1); i < all.size(); ++i)
    append_utf8(result, all[i]);
  return result;
}

double text_width(std::string_view text, double size, bool bold) {
  double width = 0;
  for (const char32_t c : characters(text)) {
    if (c >= ' ' && c <= '~')
      width += helvetica[c - ' '];
    else
      width += c >= 0x1100 ? 1000 : 600;
  }
  return width * size / 1000 * (bold ? 1.07 : 1);
}

std::string with_commas(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string coordinate(double value) {
  const auto hundredths = static_cast<long long>(std::llround(value * 100));
  const unsigned long long size =
      static_cast<unsigned long long>(hundredths < 0 ? -hundredths : hundredths);
  std::string text = (hundredths < 0 ? "-" : "") + std::to_string(size / 100);
  const unsigned long long rest = size % 100;
  if (rest == 0) return text;
  text += '.';
  text += static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) text += static_cast<char>('0' + rest % 10);
  return text;
}

}  // namespace cornu::detail
