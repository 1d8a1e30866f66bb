#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "cornu/core/export.hpp"

namespace cornu {

/// The sizes of an array's axes, row-major, at most eight. Lives on the stack: copying one never
/// allocates. A *sample shape* leaves out the first axis, that of the samples.
class CORNU_API Shape {
 public:
  static constexpr std::size_t max_rank = 8;
  /// An axis of a sample shape that is left open: each batch brings its own size (time steps).
  static constexpr std::size_t any = static_cast<std::size_t>(-1);

  /// Rank 0: one element, or "not given" where an option's comment says so.
  Shape() = default;
  /// `Shape{32, 784}`. Throws ShapeError beyond eight axes or when the product overflows.
  Shape(std::initializer_list<std::size_t> sizes)
      : Shape(std::span<const std::size_t>(sizes.begin(), sizes.size())) {}
  explicit Shape(const std::vector<std::size_t>& sizes)
      : Shape(std::span<const std::size_t>(sizes)) {}
  explicit Shape(std::span<const std::size_t> sizes);

  std::size_t rank() const noexcept { return rank_; }
  /// True for rank 0.
  bool empty() const noexcept { return rank_ == 0; }
  /// Whether an axis is open. `size` and `rows` mean nothing then.
  bool open() const noexcept;
  /// Whether these sizes are those of `other`, an open axis of this taking any but 0.
  bool takes(const Shape& other) const noexcept;
  /// The number of elements: the product of the sizes, 1 for rank 0.
  std::size_t size() const noexcept { return product_of(rank_); }
  /// How many rows along the last axis: the product of the sizes before it. Rank must not be 0.
  std::size_t rows() const noexcept { return product_of(rank_ - 1); }
  std::size_t operator[](std::size_t axis) const noexcept { return sizes_[axis]; }
  std::size_t front() const noexcept { return sizes_[0]; }
  std::size_t back() const noexcept { return sizes_[rank_ - 1]; }
  const std::size_t* begin() const noexcept { return sizes_.data(); }
  const std::size_t* end() const noexcept { return sizes_.data() + rank_; }

  /// (sizes...) becomes (samples, sizes...).
  Shape with_samples(std::size_t samples) const;
  /// (samples, sizes...) becomes (sizes...). Rank must not be 0.
  Shape without_samples() const;

  /// "(32, 784)"; a rank of one reads "(32,)".
  std::string to_string() const;
  /// The text of a sample shape with its unknown sample axis: "(None, 784)"; an open axis reads
  /// None, too.
  std::string to_string_with_samples() const;

  friend bool operator==(const Shape& a, const Shape& b) = default;

 private:
  std::size_t product_of(std::size_t axes) const noexcept {
    std::size_t product = 1;
    for (std::size_t axis = 0; axis < axes; ++axis) product *= sizes_[axis];
    return product;
  }

  std::array<std::size_t, max_rank> sizes_{};  // 0 beyond the rank
  std::size_t rank_ = 0;
};

}  // namespace cornu
