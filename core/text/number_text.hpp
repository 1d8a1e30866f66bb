#pragma once

// Not a public header.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cornu/core/export.hpp"

/// Numbers as text, without loss and without locale.
namespace cornu::detail {

/// The longest text of a float or double: "-2.2250738585072014e-308".
constexpr std::size_t longest_shortest_text = 24;

/// Writes the shortest decimal text that reads back as the same bits; returns its end. `out` has
/// room for `longest_shortest_text`. The value must be finite.
CORNU_API char* write_number(char* out, float value) noexcept;
CORNU_API char* write_number(char* out, double value) noexcept;

enum class NumberError { none, malformed, overflow };

/// Reads a whole JSON number, rounded once to nearest: texts of `write_number` give the same bits.
/// What is too small becomes a zero of its sign.
CORNU_API NumberError read_number(std::string_view text, float& value) noexcept;
CORNU_API NumberError read_number(std::string_view text, double& value) noexcept;

/// The end of the longest JSON number that [begin, end) starts with, or `begin` when there is none.
CORNU_API const char* number_end(const char* begin, const char* end) noexcept;

/// Appends base64 (RFC 4648, with padding) of the bytes.
CORNU_API void append_base64(std::string& out, std::span<const unsigned char> bytes);

/// What `decode_base64` returns for a text that is not base64.
constexpr std::size_t no_base64 = static_cast<std::size_t>(-1);

/// Decodes whole groups of four characters; returns the number of bytes written to `out`, which has
/// room for three a group. Padding may stand only at the very end, and bits that stand for nothing
/// must be 0, so that every run of bytes has exactly one text.
CORNU_API std::size_t decode_base64(std::string_view text, unsigned char* out) noexcept;

/// The number of base64 characters of so many bytes.
constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

}  // namespace cornu::detail
