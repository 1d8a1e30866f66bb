#pragma once

// Not a public header.

#include <algorithm>
#include <array>
#include <cmath>

#include "cornu/core/axes.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// Multiplies by factor(n) each group of numbers that differ only in the position along `axes`,
/// where n is the group's Euclidean norm. Allocates nothing.
///
/// Neighbouring axes that are all in the set, or all out of it, act as one. What remains
/// alternates; the groups are walked in blocks of neighbours along the last axis that is kept, so
/// that memory is read in long runs also where the norm is taken over columns.
template <class Factor>
void scale_by_norm(View weight, AxisSet axes, Factor factor) {
  // The merged axes, outermost first, with their strides.
  struct Axis {
    std::size_t size = 1, stride = 1;
    bool reduced = false;
  };
  std::array<Axis, Shape::max_rank> merged{};
  std::size_t count = 0;
  for (std::size_t a = 0; a < weight.shape.rank(); ++a) {
    if (count > 0 && merged[count - 1].reduced == axes[a])
      merged[count - 1].size *= weight.shape[a];
    else
      merged[count++] = {weight.shape[a], 1, axes[a]};
  }
  for (std::size_t a = count; a-- > 1;) merged[a - 1].stride = merged[a].stride * merged[a].size;

  // Split into the kept and the reduced ones; `run` is the last kept axis.
  std::array<Axis, Shape::max_rank> kept{}, reduced{};
  std::size_t kept_count = 0, reduced_count = 0, groups = 1, members = 1;
  Axis run{1, 0, false};
  for (std::size_t a = 0; a < count; ++a) {
    if (merged[a].reduced) {
      reduced[reduced_count++] = merged[a];
      members *= merged[a].size;
    } else {
      kept[kept_count++] = merged[a];
    }
  }
  if (kept_count > 0) run = kept[--kept_count];
  for (std::size_t a = 0; a < kept_count; ++a) groups *= kept[a].size;

  const auto offset = [](const std::array<Axis, Shape::max_rank>& list, std::size_t length,
                         std::size_t index) {
    std::size_t at = 0;
    for (std::size_t a = length; a-- > 0; index /= list[a].size)
      at += index % list[a].size * list[a].stride;
    return at;
  };

  constexpr std::size_t block = 64;
  for (std::size_t group = 0; group < groups; ++group) {
    const std::size_t start = offset(kept, kept_count, group);
    for (std::size_t first = 0; first < run.size; first += block) {
      const std::size_t width = std::min(block, run.size - first);
      Scalar* const base = weight.data + start + first * run.stride;
      std::array<double, block> value{};
      for (std::size_t k = 0; k < members; ++k) {
        const Scalar* const w = base + offset(reduced, reduced_count, k);
        for (std::size_t i = 0; i < width; ++i) {
          const double element = w[i * run.stride];
          value[i] += element * element;
        }
      }
      for (std::size_t i = 0; i < width; ++i) value[i] = factor(std::sqrt(value[i]));
      for (std::size_t k = 0; k < members; ++k) {
        Scalar* const w = base + offset(reduced, reduced_count, k);
        for (std::size_t i = 0; i < width; ++i)
          w[i * run.stride] = static_cast<Scalar>(w[i * run.stride] * value[i]);
      }
    }
  }
}

}  // namespace cornu::detail
