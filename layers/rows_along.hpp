#pragma once

// Not a public header.

#include <array>
#include <cstddef>
#include <span>
#include <string>

#include "cornu/core/axes.hpp"
#include "cornu/core/error.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// The set of axes of a sample that an option means, which counts that of the samples as 0. Throws
/// ConfigError for axes that the sample does not have, for one given twice and for none at all.
inline AxisSet sample_axes(std::span<const int> axes, const Shape& sample_shape,
                           const std::string& place) {
  AxisSet set;
  for (const int axis : axes) {
    const std::size_t at = sample_axis(axis, sample_shape, place);
    if (set[at]) throw ConfigError(place, "axis " + std::to_string(axis) + " is given twice");
    set.set(at);
  }
  if (set.none()) throw ConfigError(place, "expected at least one axis, got none");
  return set;
}

/// An array (N, ...) as rows of the numbers that differ only in their positions along some axes:
/// what Softmax and LayerNormalization work on. Where these are the last ones, an array consists of
/// such rows as it lies; otherwise they are gathered from it and scattered back. Allocates nothing.
class RowsAlong {
 public:
  /// `axes` are those of an option that `sample_axes` found right for this shape.
  RowsAlong(std::span<const int> axes, const Shape& shape) {
    AxisSet along;
    for (const int axis : axes) along.set(*resolve_axis(axis, shape.rank()));
    std::size_t stride = shape.size();
    for (std::size_t a = 0; a < shape.rank(); ++a) {
      stride /= shape[a];
      in_place_ = in_place_ && (along[a] || columns_.count == 0);
      (along[a] ? columns_ : rows_).add(shape[a], stride);
    }
  }

  std::size_t rows() const { return rows_.size; }
  std::size_t columns() const { return columns_.size; }
  /// Whether an array consists of the rows as it lies.
  bool in_place() const { return in_place_; }

  void gather(const Scalar* array, Scalar* rows) const {
    each([=](std::size_t at, std::size_t row) { rows[row] = array[at]; });
  }
  void scatter(const Scalar* rows, Scalar* array) const {
    each([=](std::size_t at, std::size_t row) { array[at] = rows[row]; });
  }

 private:
  /// Some axes, outermost first.
  struct Loop {
    std::array<std::size_t, Shape::max_rank> sizes{}, strides{};
    std::size_t count = 0, size = 1;

    void add(std::size_t axis_size, std::size_t stride) {
      sizes[count] = axis_size;
      strides[count++] = stride;
      size *= axis_size;
    }
    std::size_t offset(std::size_t index) const {
      std::size_t at = 0;
      for (std::size_t a = count; a-- > 0; index /= sizes[a]) at += index % sizes[a] * strides[a];
      return at;
    }
  };

  template <class Copy>
  void each(const Copy& copy) const {
    const std::size_t last = columns_.sizes[columns_.count - 1];
    const std::size_t stride = columns_.strides[columns_.count - 1];
    std::size_t to = 0;
    for (std::size_t r = 0; r < rows_.size; ++r)
      for (std::size_t c = 0; c < columns_.size; c += last) {
        const std::size_t from = rows_.offset(r) + columns_.offset(c);
        for (std::size_t i = 0; i < last; ++i) copy(from + i * stride, to++);
      }
  }

  Loop rows_, columns_;
  bool in_place_ = true;
};

}  // namespace cornu::detail
