#pragma once

// Numbers that the tests of the kernels try.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "cornu/core/random.hpp"

namespace cornu {

inline constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
inline constexpr Scalar not_a_number = std::numeric_limits<Scalar>::quiet_NaN();
inline constexpr Scalar smallest = std::numeric_limits<Scalar>::denorm_min();
inline constexpr Scalar tiny = std::numeric_limits<Scalar>::min();
inline constexpr Scalar largest = std::numeric_limits<Scalar>::max();
inline constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();

/// Of [-width, width), others for each `id`.
inline std::vector<Scalar> random_values(std::size_t n, Scalar width, std::uint64_t id) {
  std::vector<Scalar> values(n);
  RandomStream(1, Purpose::user, id).fill_uniform(values, -width, width);
  return values;
}

/// The distance of `got` from the exact value in units in the last place of the exact one.
inline double ulps(Scalar got, long double exact) {
  const Scalar rounded = static_cast<Scalar>(exact);
  if (std::isnan(rounded)) return std::isnan(got) ? 0 : 1e30;
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e30;
  const long double unit = std::max<long double>(
      std::nextafter(std::abs(rounded), infinity) - std::abs(rounded), smallest);
  return static_cast<double>(std::abs(got - exact) / unit);
}

}  // namespace cornu
