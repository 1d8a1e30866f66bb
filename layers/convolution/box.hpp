#pragma once

// Not a public header.

#include <array>
#include <span>

#include "cornu/layers/convolution/moving_window.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// What stands around the inner picture of a larger one, places before and after along each axis:
/// what ZeroPadding puts there and Cropping takes away.
struct Margins {
  std::size_t axes;
  std::array<std::array<std::size_t, 2>, 3> places;
  bool channels_last;
};

/// The same number at both ends, and a pair for the two ends of each axis.
CORNU_API Margins margins_of(std::span<const int> numbers, bool channels_last);
CORNU_API Margins margins_of(std::span<const std::array<int, 2>> pairs, bool channels_last);

CORNU_API Shape with_margins(const Layer& layer, const Margins& margins, const Shape& inner);
/// Throws ShapeError where nothing would be left.
CORNU_API Shape without_margins(const Layer& layer, const Margins& margins, const Shape& outer);

/// outer = zeros around inner. Shapes are whole, with the samples' axis.
CORNU_API void put_inner(const Margins& margins, ConstView inner, View outer);
/// inner = what stands within outer.
CORNU_API void take_inner(const Margins& margins, ConstView outer, View inner);

}  // namespace cornu::detail
