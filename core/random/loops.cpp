#include "cornu/core/loops.hpp"

#include "cornu/core/random/philox.hpp"

// The loops of random numbers, compiled once for each instruction set, and without contraction to
// fused multiply-add: the same seed makes the same numbers on every processor.

namespace cornu::detail {
namespace random {

struct Table {
  decltype(&philox_blocks) philox;
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

}  // namespace

const Table CORNU_LOOPS = {
    .philox = philox,
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

#endif  // CORNU_DOORS

}  // namespace cornu::detail
