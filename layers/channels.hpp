#pragma once

// Not a public header.

#include <algorithm>
#include <cstddef>

#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// An array seen as (outer, count, inner), with one statistic for each of the `count` channels.
struct Channels {
  std::size_t outer, count, inner;

  /// Channels along `axis`, negative from the end.
  static Channels along(int axis, const Shape& shape) {
    const std::size_t kept =
        axis < 0 ? shape.rank() - static_cast<std::size_t>(-axis) : static_cast<std::size_t>(axis);
    Channels channels{1, shape[kept], 1};
    for (std::size_t a = 0; a < kept; ++a) channels.outer *= shape[a];
    for (std::size_t a = kept + 1; a < shape.rank(); ++a) channels.inner *= shape[a];
    return channels;
  }

  /// The numbers in a channel, m in the formulas.
  std::size_t members() const { return outer * inner; }

  /// Calls body(i, c) for each element i, in the order of memory; c is its channel.
  template <class Body>
  void for_each(Body body) const {
    if (inner == 1) {
      for (std::size_t o = 0; o < outer; ++o)
        for (std::size_t c = 0; c < count; ++c) body(o * count + c, c);
    } else {
      for (std::size_t run = 0; run < outer * count; ++run)
        for (std::size_t k = 0; k < inner; ++k) body(run * inner + k, run % count);
    }
  }

  /// sums[c] = the sum of term(i, c) over the elements i of channel c. Summed in blocks, whose
  /// sums are then summed: rounding errors stay small for large batches in float. `partial` is
  /// for the function's own use, `count` numbers.
  template <class Term>
  void sum(Term term, Scalar* sums, Scalar* partial) const {
    std::fill(sums, sums + count, Scalar{0});
    if (inner == 1) {
      constexpr std::size_t block = 64;
      for (std::size_t first = 0; first < outer; first += block) {
        std::fill(partial, partial + count, Scalar{0});
        for (std::size_t o = first; o < std::min(first + block, outer); ++o)
          for (std::size_t c = 0; c < count; ++c) partial[c] += term(o * count + c, c);
        for (std::size_t c = 0; c < count; ++c) sums[c] += partial[c];
      }
    } else {
      for (std::size_t run = 0; run < outer * count; ++run) {
        Scalar run_sum = 0;
        for (std::size_t k = 0; k < inner; ++k) run_sum += term(run * inner + k, run % count);
        sums[run % count] += run_sum;
      }
    }
  }
};

}  // namespace cornu::detail
