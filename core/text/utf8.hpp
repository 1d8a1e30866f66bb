#pragma once

// Not a public header.

#include <cstddef>
#include <string_view>

namespace cornu::detail {

/// Stands for what is not UTF-8.
inline constexpr char32_t replacement_character = 0xFFFD;

/// The character that begins at text[at], which moves behind it. Bytes that are not UTF-8 (cut off,
/// overlong, surrogates) give U+FFFD and are passed one by one.
char32_t next_character(std::string_view text, std::size_t& at) noexcept;

}  // namespace cornu::detail
