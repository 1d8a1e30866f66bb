#pragma once

// Not a public header: how the kernels' doors share their work between threads.

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/parallel.hpp"

namespace cornu::kernels::detail {

/// The numbers that are worth a second thread: some 5 microseconds of a loop in the cache.
inline constexpr std::size_t least_numbers = 65536;
inline constexpr std::size_t line = 64 / sizeof(Scalar);

/// kernel(first, count) over shares of n numbers.
template <class Kernel>
void share_numbers(std::size_t n, const Kernel& kernel) {
  const std::size_t parts = cornu::detail::parts_of(n, least_numbers);
  if (parts == 1) return kernel(std::size_t{0}, n);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] = cornu::detail::share_of(n, line, part, parts);
    kernel(first, last - first);
  });
}

}  // namespace cornu::kernels::detail
