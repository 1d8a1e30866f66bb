#include "cornu/core/shape.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

std::string join(std::span<const std::size_t> sizes, std::string text) {
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (text.size() > 1) text += ", ";
    text += sizes[i] == Shape::any ? "None" : std::to_string(sizes[i]);
  }
  return text;
}

}  // namespace

Shape::Shape(std::span<const std::size_t> sizes) {
  if (sizes.size() > max_rank)
    throw ShapeError("Shape", "expected at most 8 axes, got " + std::to_string(sizes.size()));
  std::size_t product = 1;
  for (const std::size_t size : sizes) {
    if (size != any &&
        (__builtin_mul_overflow(product, size, &product) || product > std::size_t{1} << 60))
      throw ShapeError("Shape", "the number of elements of " + join(sizes, "(") + ") overflows");
    sizes_[rank_++] = size;
  }
}

bool Shape::open() const noexcept { return std::find(begin(), end(), any) != end(); }

bool Shape::takes(const Shape& other) const noexcept {
  return std::equal(begin(), end(), other.begin(), other.end(),
                    [](std::size_t a, std::size_t b) { return a == b || (a == any && b != 0); });
}

Shape Shape::with_samples(std::size_t samples) const {
  std::array<std::size_t, max_rank + 1> sizes{samples};
  std::copy(begin(), end(), sizes.begin() + 1);
  return Shape(std::span<const std::size_t>(sizes.data(), rank_ + 1));
}

Shape Shape::without_samples() const {
  return Shape(std::span<const std::size_t>(begin() + 1, end()));
}

std::string Shape::to_string() const {
  return join({begin(), end()}, "(") + (rank_ == 1 ? ",)" : ")");
}

std::string Shape::to_string_with_samples() const {
  return join({begin(), end()}, "(None") + (rank_ == 0 ? ",)" : ")");
}

}  // namespace cornu
