#include "cornu/core/text/utf8.hpp"

#include <array>

namespace cornu::detail {

char32_t next_character(std::string_view text, std::size_t& at) noexcept {
  const auto byte = static_cast<unsigned char>(text[at++]);
  if (byte < 0x80) return byte;
  const std::size_t more = byte >= 0xF0 ? 3 : byte >= 0xE0 ? 2 : 1;
  if (byte < 0xC2 || byte > 0xF4 || at + more > text.size()) return replacement_character;
  char32_t c = byte & (0x3Fu >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto rest = static_cast<unsigned char>(text[at + i]);
    if ((rest & 0xC0) != 0x80) return replacement_character;
    c = (c << 6) | (rest & 0x3F);
  }
  constexpr std::array<char32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return replacement_character;
  at += more;
  return c;
}

}  // namespace cornu::detail
