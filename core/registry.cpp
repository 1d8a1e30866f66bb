#include "cornu/core/registry.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "cornu/core/foreign_names.hpp"

namespace cornu::detail {
namespace {

// Case and underscores are what people get wrong most; they do not count.
std::string folded(std::string_view name) {
  std::string result;
  for (const char c : name.substr(0, 64))
    if (c != '_' && c != '-' && c != ' ')
      result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Insertions, deletions, substitutions and swaps of neighbours that turn a into b (Damerau's
// distance, restricted to one edit a place).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({substitution, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f)
      result.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
    else
      result += c;
  }
  if (text.size() > most) result += "...";
  return result;
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  const std::string wanted = folded(name);
  std::string nearest = name_from_elsewhere(wanted, known);
  if (!nearest.empty()) return nearest;
  // A third of the letters may be wrong, and always one.
  std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(wanted, folded(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

void throw_unknown_name(std::string_view place, std::string_view kind, std::string_view name,
                        const std::vector<std::string>& known) {
  std::string what("unknown ");
  what.append(kind).append(" '").append(printable(name)).append("'");
  std::string help;
  if (const std::string nearest = nearest_name(name, known); !nearest.empty())
    help.append("did you mean '").append(nearest).append("'? ");
  help.append("known: ");
  if (known.empty()) help += "none";
  for (std::size_t i = 0; i < known.size(); ++i) help.append(i == 0 ? "" : ", ").append(known[i]);
  throw ConfigError(place, what, help);
}

}  // namespace cornu::detail
