#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// The samples of these numbers, in this order; one may come several times. Throws ShapeError for a
/// number that the array does not have.
CORNU_API Tensor take_rows(const Tensor& x, std::span<const std::size_t> rows);
/// Alike along the last axis: some features, `take_columns(x, {0, 3})`.
CORNU_API Tensor take_columns(const Tensor& x, std::span<const std::size_t> columns);
inline Tensor take_rows(const Tensor& x, std::initializer_list<std::size_t> rows) {
  return take_rows(x, std::span(rows.begin(), rows.size()));
}
inline Tensor take_columns(const Tensor& x, std::initializer_list<std::size_t> columns) {
  return take_columns(x, std::span(columns.begin(), columns.size()));
}

/// 0 to count - 1 in an order drawn from the seed, the same everywhere. To shuffle arrays that
/// belong together, take the rows of each in one such order.
CORNU_API std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed);

}  // namespace cornu
