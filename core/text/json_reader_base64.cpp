#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "cornu/core/text/json_reader.hpp"
#include "cornu/core/text/number_text.hpp"

namespace cornu::detail {

namespace {

// `bytes` hold whole little-endian numbers of type `Stored`; returns false when one is not finite
// or too large.
template <class Stored, class Bits>
bool unpack(const unsigned char* bytes, Array out, bool allow_nonfinite) {
  constexpr double largest = std::numeric_limits<Scalar>::max();
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits = 0;
    for (std::size_t b = 0; b < sizeof(Bits); ++b)
      bits |= static_cast<Bits>(static_cast<Bits>(bytes[i * sizeof(Bits) + b]) << (8 * b));
    const Stored stored = std::bit_cast<Stored>(bits);
    const bool fits = std::isfinite(stored) ? std::abs(stored) <= largest : allow_nonfinite;
    if (!fits) return false;
    out[i] = static_cast<Scalar>(stored);
  }
  return true;
}

}  // namespace

// The numbers' width is seen by where the string ends.
void JsonReader::base64_numbers(Array out, bool allow_nonfinite) {
  if (peek() != Kind::string) fail_here("a base64 string");
  const Position start = position();
  std::size_t width = 0;
  std::uint64_t left = 0;  // characters
  for (const std::size_t candidate : {sizeof(float), sizeof(double)}) {
    if (width != 0) break;
    left = base64_size(out.size() * candidate);
    if (look_at(start.offset + 1 + left) == '"') width = candidate;
  }
  if (width == 0) {
    skip();
    const std::uint64_t length = position().offset - start.offset - 2;
    go_to(start);
    fail("expected the base64 text of " + std::to_string(out.size()) +
         " numbers of 4 or 8 bytes, got " + std::to_string(length) + " characters");
  }
  look();
  ++at_;
  // Pieces of 32 KiB: whole groups of four characters, and whole numbers of either width.
  constexpr std::size_t piece = 32 * 1024;
  static_assert(piece % 4 == 0 && piece / 4 * 3 % sizeof(double) == 0);
  unsigned char bytes[piece / 4 * 3];
  std::size_t done = 0;
  while (left != 0) {
    const auto characters = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece));
    fill(characters);
    const std::size_t got = decode_base64({at_, characters}, bytes);
    const std::size_t count = std::min(got / width, out.size() - done);
    if (got != count * width) fail("expected base64 text");
    const Array part = out.subspan(done, count);
    if (!(width == sizeof(float) ? unpack<float, std::uint32_t>(bytes, part, allow_nonfinite)
                                 : unpack<double, std::uint64_t>(bytes, part, allow_nonfinite)))
      fail("a number that is not finite, or too large");
    at_ += characters;
    left -= characters;
    done += count;
  }
  look();
  ++at_;  // the closing quote
}

}  // namespace cornu::detail
