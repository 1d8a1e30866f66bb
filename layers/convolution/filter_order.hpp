#pragma once

// Not a public header: filters whose axes stand in another order than the kernels' loops take.

#include <array>
#include <cstddef>

#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// An array of three axes, seen in the order that its steps give.
struct AxisOrder {
  std::array<std::size_t, 3> sizes;  ///< of the result
  std::array<std::size_t, 3> steps;  ///< in the array as stored, axis by axis of the result

  std::size_t size() const { return sizes[0] * sizes[1] * sizes[2]; }
};

/// body(of the array as stored, of the result) for all elements.
template <class Body>
void each_element(const AxisOrder& order, const Body& body) {
  const auto& [sizes, steps] = order;
  std::size_t result = 0;
  for (std::size_t i = 0; i < sizes[0]; ++i)
    for (std::size_t j = 0; j < sizes[1]; ++j)
      for (std::size_t k = 0; k < sizes[2]; ++k, ++result)
        body(i * steps[0] + j * steps[1] + k * steps[2], result);
}

/// result = stored, in the other order.
inline void reorder(const AxisOrder& order, const Scalar* stored, Scalar* result) {
  each_element(order, [=](std::size_t s, std::size_t r) { result[r] = stored[s]; });
}
/// stored += result, back in its order.
inline void add_reordered(const AxisOrder& order, const Scalar* result, Scalar* stored) {
  each_element(order, [=](std::size_t s, std::size_t r) { stored[s] += result[r]; });
}

}  // namespace cornu::detail
