#include "cornu/datasets/rows.hpp"

#include <numeric>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace cornu {
namespace {

Shape with_axis_size(const Shape& shape, std::size_t axis, std::size_t size) {
  std::vector<std::size_t> sizes(shape.begin(), shape.end());
  sizes[axis] = size;
  return Shape(sizes);
}

void check_numbers(const char* place, const Shape& shape, std::size_t axis,
                   std::span<const std::size_t> numbers) {
  if (shape.empty())
    throw ShapeError(place, "expected an array (N, ...), got " + shape.to_string());
  for (const std::size_t number : numbers)
    if (number >= shape[axis])
      throw ShapeError(place, "expected numbers below " + std::to_string(shape[axis]) +
                                  " for the shape " + shape.to_string() + ", got " +
                                  std::to_string(number));
}

}  // namespace

Tensor take_rows(const Tensor& x, std::span<const std::size_t> rows) {
  check_numbers("take_rows", x.shape(), 0, rows);
  Tensor result(with_axis_size(x.shape(), 0, rows.size()));
  kernels::gather_rows(x.data(), rows.data(), rows.size(), x.shape().without_samples().size(),
                       result.data());
  return result;
}

Tensor take_columns(const Tensor& x, std::span<const std::size_t> columns) {
  const std::size_t last = x.shape().empty() ? 0 : x.shape().rank() - 1;
  check_numbers("take_columns", x.shape(), last, columns);
  Tensor result(with_axis_size(x.shape(), last, columns.size()));
  const std::size_t width = x.shape().back();
  Scalar* to = result.data();
  for (std::size_t r = 0; r < x.shape().rows(); ++r)
    for (const std::size_t column : columns) *to++ = x.data()[r * width + column];
  return result;
}

std::vector<std::size_t> shuffled_order(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  RandomStream(seed, Purpose::user).shuffle(order);
  return order;
}

}  // namespace cornu
