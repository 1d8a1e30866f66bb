#pragma once

// Not a public header.

#include "cornu/core/axes.hpp"
#include "cornu/kernels/normalization/normalization.hpp"

namespace cornu::detail {

/// The channels of an array of this shape along `axis`, which it has; negative from the end.
inline kernels::Channels channels_along(int axis, const Shape& shape) {
  const AxisView view = along(*resolve_axis(axis, shape.rank()), shape);
  return {view.outer, view.size, view.inner};
}

}  // namespace cornu::detail
