#pragma once

// Not a public header.

#include <cstddef>

#include "cornu/core/shape.hpp"
#include "cornu/kernels/normalization/normalization.hpp"

namespace cornu::detail {

/// The channels of an array of this shape along `axis`, negative from the end.
inline kernels::Channels channels_along(int axis, const Shape& shape) {
  const std::size_t kept =
      axis < 0 ? shape.rank() - static_cast<std::size_t>(-axis) : static_cast<std::size_t>(axis);
  kernels::Channels channels{1, shape[kept], 1};
  for (std::size_t a = 0; a < kept; ++a) channels.outer *= shape[a];
  for (std::size_t a = kept + 1; a < shape.rank(); ++a) channels.inner *= shape[a];
  return channels;
}

}  // namespace cornu::detail
