#include "cornu/core/text/number_text.hpp"

#include <array>
#include <charconv>
#include <system_error>

namespace cornu::detail {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned char no_digit = 0xff;

// The six bits of each character; no_digit for those that are none.
constexpr std::array<unsigned char, 256> digit_table() {
  std::array<unsigned char, 256> table{};
  table.fill(no_digit);
  for (unsigned char i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}
constexpr std::array<unsigned char, 256> digits = digit_table();

unsigned digit(char c) noexcept { return digits[static_cast<unsigned char>(c)]; }
bool is_decimal(char c) noexcept { return c >= '0' && c <= '9'; }

template <class Number>
char* write(char* out, Number value) noexcept {
  return std::to_chars(out, out + longest_shortest_text, value).ptr;
}

// Whether the digits of a number stand for a value below 1: all that an unreadable exponent leaves
// open. "0.00...01" and "1e-400" are small, "1e400" is not.
bool is_small(std::string_view text) noexcept {
  const std::size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) return text[e + 1] == '-';
  return text[text[0] == '-' ? 1 : 0] == '0';
}

template <class Number>
NumberError read(std::string_view text, Number& value) noexcept {
  const char* end = text.data() + text.size();
  if (text.empty() || number_end(text.data(), end) != end) return NumberError::malformed;
  // The grammar is a subset of from_chars's, so only the range can be wrong.
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range) {
    if (!is_small(text)) return NumberError::overflow;
    value = text[0] == '-' ? -Number{0} : Number{0};
    return NumberError::none;
  }
  return error == std::errc() && stop == end ? NumberError::none : NumberError::malformed;
}

}  // namespace

char* write_number(char* out, float value) noexcept { return write(out, value); }
char* write_number(char* out, double value) noexcept { return write(out, value); }

NumberError read_number(std::string_view text, float& value) noexcept { return read(text, value); }
NumberError read_number(std::string_view text, double& value) noexcept { return read(text, value); }

// -? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)?
const char* number_end(const char* begin, const char* end) noexcept {
  const char* at = begin;
  if (at != end && *at == '-') ++at;
  if (at == end || !is_decimal(*at)) return begin;
  if (*at == '0')
    ++at;
  else
    while (at != end && is_decimal(*at)) ++at;
  if (at != end && *at == '.') {
    const char* digit_after = at + 1;
    if (digit_after == end || !is_decimal(*digit_after)) return at;
    for (at = digit_after; at != end && is_decimal(*at); ++at) {
    }
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    const char* exponent = at + 1;
    if (exponent != end && (*exponent == '+' || *exponent == '-')) ++exponent;
    if (exponent == end || !is_decimal(*exponent)) return at;
    for (at = exponent; at != end && is_decimal(*at); ++at) {
    }
  }
  return at;
}

void append_base64(std::string& out, std::span<const unsigned char> bytes) {
  const std::size_t start = out.size();
  out.resize(start + base64_size(bytes.size()));
  char* to = out.data() + start;
  std::size_t i = 0;
  for (; i + 2 < bytes.size(); i += 3) {
    const unsigned group = unsigned{bytes[i]} << 16 | unsigned{bytes[i + 1]} << 8 | bytes[i + 2];
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[group >> 12 & 63];
    *to++ = alphabet[group >> 6 & 63];
    *to++ = alphabet[group & 63];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const unsigned group = unsigned{bytes[i]} << 16 | (rest == 2 ? unsigned{bytes[i + 1]} << 8 : 0);
  *to++ = alphabet[group >> 18];
  *to++ = alphabet[group >> 12 & 63];
  *to++ = rest == 2 ? alphabet[group >> 6 & 63] : '=';
  *to++ = '=';
}

std::size_t decode_base64(std::string_view text, unsigned char* out) noexcept {
  if (text.size() % 4 != 0) return no_base64;
  if (text.empty()) return 0;
  const unsigned char* const begin = out;
  const char* at = text.data();
  const char* const last = at + text.size() - 4;
  const auto group_of = [](const char* p) {
    return digit(p[0]) << 18 | digit(p[1]) << 12 | digit(p[2]) << 6 | digit(p[3]);
  };
  // no_digit has bits above the six, which would spill into a neighbour: look for them first.
  const auto is_group = [](const char* p) {
    return ((digit(p[0]) | digit(p[1]) | digit(p[2]) | digit(p[3])) & 0xc0) == 0;
  };
  const auto put = [&out](unsigned group, int bytes) {
    for (int shift = 16; bytes-- > 0; shift -= 8)
      *out++ = static_cast<unsigned char>(group >> shift);
  };
  for (; at != last; at += 4) {
    if (!is_group(at)) return no_base64;
    put(group_of(at), 3);
  }
  char final[4] = {last[0], last[1], last[2], last[3]};
  int bytes = 3;
  for (; bytes > 1 && final[bytes] == '='; --bytes) final[bytes] = 'A';
  if (!is_group(final)) return no_base64;
  const unsigned group = group_of(final);
  if ((group & ((1U << (24 - 8 * bytes)) - 1)) != 0) return no_base64;
  put(group, bytes);
  return static_cast<std::size_t>(out - begin);
}

}  // namespace cornu::detail
