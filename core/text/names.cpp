#include "cornu/core/text/names.hpp"

#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/utf8.hpp"

namespace cornu::detail {

namespace {

/// Controls of terminals, ends of lines, and what makes a text look like another.
bool is_safe(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool line_end = c == 0x2028 || c == 0x2029;
  const bool direction =
      (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  return !control && !line_end && !direction && c != U'\\' && c != replacement_character;
}

}  // namespace

bool is_safe_name(std::string_view name, std::size_t longest) noexcept {
  if (name.empty() || name.size() > longest || name.front() == '/') return false;
  for (std::size_t at = 0; at < name.size();)
    if (!is_safe(next_character(name, at))) return false;
  return name.find("..") == std::string_view::npos;
}

void check_name(std::string_view name, std::string_view kind, std::string_view place) {
  if (is_safe_name(name, longest_name)) return;
  throw ConfigError(place,
                    "expected a " + std::string(kind) +
                        " name of 1 to 128 bytes of UTF-8 without control characters, '\\\\' and "
                        "'..', not beginning with '/', got '" +
                        printable(name) + "'",
                    "names stand in files, drawings and error texts");
}

}  // namespace cornu::detail
