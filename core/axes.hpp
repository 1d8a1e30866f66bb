#pragma once

// Not a public header: the one reading of axis numbers, for every layer and constraint that has
// one.

#include <bitset>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/shape.hpp"

// Not a public header: the one reading of axis numbers, for every layer and constraint that has
// one.

namespace cornu::detail {

/// Some of the axes of a shape; bit a stands for axis a.
using AxisSet = std::bitset<Shape::max_rank>;

/// Where axis `axis` of an array of `rank` axes is, counted from 0: negative ones count from the
/// end. Nothing for an axis that the array does not have.
constexpr std::optional<std::size_t> resolve_axis(int axis, std::size_t rank) {
  const int axes = static_cast<int>(rank), from_start = axis < 0 ? axis + axes : axis;
  if (from_start < 0 || from_start >= axes) return std::nullopt;
  return static_cast<std::size_t>(from_start);
}

/// The axis of a *sample shape* that Keras's number stands for, which counts the samples' axis as
/// 0. Throws ConfigError for an axis that the input does not have and for that of the samples:
/// `[place] option expects an axis of (None, 3) other than the samples', got 2; help: ...`.
CORNU_API std::size_t sample_axis(int axis, const Shape& sample_shape, const std::string& place,
                                  const char* option = "axis");

/// Negative axes count from the end. Throws ShapeError for an axis that the shape does not have.
CORNU_API AxisSet axis_set(std::span<const int> axes, const Shape& shape, const char* place);

/// An array seen from one of its axes: (outer, size, inner).
struct AxisView {
  std::size_t outer = 1, size = 1, inner = 1;
};

/// `axis` counts from 0.
inline AxisView along(std::size_t axis, const Shape& shape) {
  AxisView view{1, shape[axis], 1};
  for (std::size_t a = 0; a < axis; ++a) view.outer *= shape[a];
  for (std::size_t a = axis + 1; a < shape.rank(); ++a) view.inner *= shape[a];
  return view;
}

}  // namespace cornu::detail
