#pragma once

// Not a public header: which numbers dropout keeps.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "cornu/core/random.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// Fills with 0 for what is dropped, which happens with probability p, and 1 / (1 - p) for what is
/// kept.
inline void draw_keep(double p, RandomStream& random, Array keep) {
  const Scalar kept = static_cast<Scalar>(1 / (1 - p));
  // 32 random bits a number: u < p * 2^32 happens with probability p, to within 2^-33.
  const auto threshold = static_cast<std::uint64_t>(std::llround(p * 0x1p32));
  std::array<std::uint32_t, 512> words;
  for (std::size_t first = 0; first < keep.size(); first += words.size()) {
    const std::size_t count = std::min(words.size(), keep.size() - first);
    random.fill_bits(std::span(words).first(count));
    for (std::size_t i = 0; i < count; ++i) keep[first + i] = words[i] < threshold ? 0 : kept;
  }
}

}  // namespace cornu::detail
