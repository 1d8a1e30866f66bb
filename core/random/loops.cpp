#include "cornu/core/loops.hpp"

#include "cornu/core/random/numbers.hpp"

// The loops of random numbers, compiled once for each instruction set, in IEEE operations alone and
// without contraction to fused multiply-add, because the C library's log, sin and cos differ in
// last bits between machines: the same seed makes the same numbers on every processor.

namespace cornu::detail {
namespace random {

struct Table {
  decltype(&philox_blocks) philox;
  decltype(&normal_pairs) normals;
};
extern const Table CORNU_INSTRUCTION_SETS;

namespace {

// A block a lane.
void philox(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
            std::uint32_t* out) {
  const std::uint32_t k0 = key[0], k1 = key[1];
#pragma omp simd
  for (std::size_t b = 0; b < blocks; ++b) {
    std::uint32_t w0 = counter[0] + static_cast<std::uint32_t>(b);
    std::uint32_t w1 = counter[1], w2 = counter[2], w3 = counter[3];
#pragma GCC unroll 10
    for (std::uint32_t round = 0; round < 10; ++round) {
      const std::uint64_t even = std::uint64_t{0xD2511F53} * w0;
      const std::uint64_t odd = std::uint64_t{0xCD9E8D57} * w2;
      w0 = static_cast<std::uint32_t>(odd >> 32) ^ w1 ^ (k0 + round * 0x9E3779B9);
      w1 = static_cast<std::uint32_t>(odd);
      w2 = static_cast<std::uint32_t>(even >> 32) ^ w3 ^ (k1 + round * 0xBB67AE85);
      w3 = static_cast<std::uint32_t>(even);
    }
    out[4 * b] = w0;
    out[4 * b + 1] = w1;
    out[4 * b + 2] = w2;
    out[4 * b + 3] = w3;
  }
}

constexpr double pi = 0x1.921fb54442d18p+1, ln2 = 0x1.62e42fefa39efp-1;

inline std::uint64_t bits_of(double x) { return __builtin_bit_cast(std::uint64_t, x); }
inline double select(bool condition, double yes, double no) { return condition ? yes : no; }

/// In [0, 1), with the upper 27 and 26 bits; each part is a whole number that a double holds.
inline double uniform_of(std::uint32_t high, std::uint32_t low) {
  const double upper = static_cast<std::int32_t>(high >> 5),
               lower = static_cast<std::int32_t>(low >> 6);
  return (upper * 0x1p26 + lower) * 0x1p-53;
}

/// log x for a normal x in (0, 1]: x = m 2^e with m in [sqrt(1/2), sqrt(2)) and
/// log m = 2 atanh(f) = 2 (f + f^3/3 + f^5/5 + ...) for f = (m - 1) / (m + 1).
inline double log_of(double x) {
  const std::uint64_t least = bits_of(0x1.6a09e667f3bcdp-1);  // sqrt(1/2)
  // e + 1024 as a whole number, and as the last bits of 2^52 + e + 1024.
  const std::uint64_t e = (bits_of(x) - least + (std::uint64_t{1024} << 52)) >> 52;
  const double exponent =
      __builtin_bit_cast(double, e | std::uint64_t{0x433} << 52) - (0x1p52 + 1024);
  const double m = __builtin_bit_cast(double, bits_of(x) - ((e - 1024) << 52));
  const double f = (m - 1) / (m + 1);
  const double square = f * f;
  double series = 0;
#pragma GCC unroll 11
  for (int odd = 21; odd >= 1; odd -= 2) series = series * square + 1.0 / odd;
  return exponent * ln2 + 2 * f * series;
}

// With u, v uniform, sqrt(-2 log u) (cos 2 pi v, sin 2 pi v) are two independent normal numbers.
// The turn v by quarters, and Taylor's series within an eighth.
void normals(const std::uint32_t* words, std::size_t pairs, double* out) {
#pragma omp simd
  for (std::size_t i = 0; i < pairs; ++i) {
    const double u = uniform_of(words[4 * i], words[4 * i + 1]);
    const double v = uniform_of(words[4 * i + 2], words[4 * i + 3]);
    const double radius = __builtin_sqrt(-2 * log_of(1 - u));  // 1 - u is in (0, 1]
    const auto quarter = static_cast<std::int32_t>(4 * v + 0.5);
    const double angle = (4 * v - quarter) * (pi / 2);
    const double square = angle * angle;
    double cosine = 1, sine = 1;
#pragma GCC unroll 9
    for (int k = 18; k >= 2; k -= 2) cosine = 1 - cosine * square / (k * (k - 1));
#pragma GCC unroll 9
    for (int k = 19; k >= 3; k -= 2) sine = 1 - sine * square / (k * (k - 1));
    sine *= angle;
    const bool odd = (quarter & 1) != 0;
    const double along = select(odd, sine, cosine), across = select(odd, cosine, sine);
    out[2 * i] = radius * select(((quarter + 1) & 2) != 0, -along, along);
    out[2 * i + 1] = radius * select((quarter & 2) != 0, -across, across);
  }
}

}  // namespace

const Table CORNU_LOOPS = {
    .philox = philox,
    .normals = normals,
};

}  // namespace random

#if defined(CORNU_DOORS)

namespace random {
namespace {

const Table& table() {
  static const Table& chosen = of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace random

void philox_blocks(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
                   std::uint32_t* out) {
  random::table().philox(counter, key, blocks, out);
}
void normal_pairs(const std::uint32_t* words, std::size_t pairs, double* out) {
  random::table().normals(words, pairs, out);
}

#endif  // CORNU_DOORS

}  // namespace cornu::detail
