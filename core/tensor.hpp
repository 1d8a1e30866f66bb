#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"
#include "cornu/core/shape.hpp"

namespace cornu {

/// A run of numbers that may be written, and one that may only be read.
using Array = std::span<Scalar>;
using ConstArray = std::span<const Scalar>;

/// A borrowed, contiguous, row-major array that may only be read. Cheap to copy; owns nothing.
/// `data` is null where there is nothing to see ("not needed", "not kept").
struct ConstView {
  const Scalar* data = nullptr;
  Shape shape;

  std::size_t size() const noexcept { return data ? shape.size() : 0; }
  ConstArray array() const noexcept { return {data, size()}; }
  explicit operator bool() const noexcept { return data != nullptr; }
};

/// A borrowed, contiguous, row-major array that may be written.
struct View {
  Scalar* data = nullptr;
  Shape shape;

  std::size_t size() const noexcept { return data ? shape.size() : 0; }
  Array array() const noexcept { return {data, size()}; }
  explicit operator bool() const noexcept { return data != nullptr; }
  operator ConstView() const noexcept {
    return {data, shape};
  }  // NOLINT(google-explicit-constructor)
};

/// Owns `size` numbers on a 64-byte boundary, set to zero. Moves, does not copy.
class CORNU_API AlignedArray {
 public:
  static constexpr std::size_t alignment = 64;

  AlignedArray() = default;
  /// Throws MemoryError when there is not so much.
  explicit AlignedArray(std::size_t size);

  Scalar* data() noexcept { return data_.get(); }
  const Scalar* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  Array array() noexcept { return {data(), size_}; }
  ConstArray array() const noexcept { return {data(), size_}; }

 private:
  struct Free {
    void operator()(Scalar* p) const noexcept {
      ::operator delete (p, std::align_val_t{alignment});
    }
  };
  std::unique_ptr<Scalar, Free> data_;
  std::size_t size_ = 0;
};

namespace detail {

/// Throws MemoryError: "[dense_1 (Dense)] W (4, 1099511627776) would take 16 TiB", for so many
/// numbers.
[[noreturn]] CORNU_API void throw_out_of_memory(std::string_view place, std::string_view what,
                                                double count);

/// While one lives, the arrays made on this thread may take so many bytes altogether; the one that
/// would take more throws FormatError instead. For what is made to a file's measure.
class CORNU_API MemoryLimit {
 public:
  explicit MemoryLimit(std::uint64_t bytes) noexcept;
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  std::uint64_t former_;
};

}  // namespace detail

/// Rounds a count of numbers up to a whole number of 64-byte lines.
constexpr std::size_t aligned_size(std::size_t count) noexcept {
  constexpr std::size_t line = AlignedArray::alignment / sizeof(Scalar);
  return (count + line - 1) / line * line;
}

namespace detail {
template <class T>
concept Number = std::is_arithmetic_v<T>;
}

/// A contiguous, row-major, 64-byte-aligned array of numbers and its shape. A copy copies.
///
///     Tensor zeros(Shape{100, 2});
///     Tensor x{{0, 0}, {0, 1}, {1, 0}, {1, 1}};         // (4, 2)
///     Tensor prices(std::vector<double>{1.5, 2, 2.5});  // (3,)
class CORNU_API Tensor {
 public:
  /// No tensor: size 0, no data. Stands for "not given" in arguments.
  Tensor() = default;
  /// All zero. Throws MemoryError when there is no memory for so many numbers.
  explicit Tensor(const Shape& shape);
  /// Throws ShapeError when `values` does not hold shape.size() numbers.
  Tensor(const Shape& shape, ConstArray values);
  Tensor(const Shape& shape, const std::vector<Scalar>& values)
      : Tensor(shape, ConstArray(values)) {}
  template <detail::Number N>
  requires(!std::same_as<N, Scalar>) Tensor(const Shape& shape, const std::vector<N>& values)
      : Tensor(shape, std::vector<Scalar>(values.begin(), values.end())) {}
  explicit Tensor(ConstView view) : Tensor(view.shape, view.array()) {}
  /// A matrix from its rows, `Tensor{{1, 2}, {3, 4}}`. Throws ShapeError unless all are of one
  /// length.
  Tensor(std::initializer_list<std::initializer_list<double>> rows);
  template <detail::Number N>
  explicit Tensor(const std::vector<std::vector<N>>& rows) {
    std::vector<std::vector<Scalar>> values;
    for (const std::vector<N>& row : rows) values.emplace_back(row.begin(), row.end());
    assign_rows(values);
  }
  /// (N,)
  template <detail::Number N>
  explicit Tensor(const std::vector<N>& values) : Tensor(Shape{values.size()}, values) {}

  Tensor(const Tensor& other) : Tensor(other.shape_, other.array()) {}
  Tensor(Tensor&& other) noexcept;
  Tensor& operator=(const Tensor& other);
  Tensor& operator=(Tensor&& other) noexcept;
  ~Tensor() = default;

  const Shape& shape() const noexcept { return shape_; }
  std::size_t size() const noexcept { return values_.size(); }
  bool empty() const noexcept { return size() == 0; }
  Scalar* data() noexcept { return values_.data(); }
  const Scalar* data() const noexcept { return values_.data(); }
  Array array() noexcept { return values_.array(); }
  ConstArray array() const noexcept { return values_.array(); }
  Scalar* begin() noexcept { return data(); }
  Scalar* end() noexcept { return data() + size(); }
  const Scalar* begin() const noexcept { return data(); }
  const Scalar* end() const noexcept { return data() + size(); }

  /// The element at the given position, one index an axis; not range-checked.
  template <class... Index>
  Scalar& operator()(Index... index) noexcept {
    return data()[offset(static_cast<std::size_t>(index)...)];
  }
  template <class... Index>
  Scalar operator()(Index... index) const noexcept {
    return data()[offset(static_cast<std::size_t>(index)...)];
  }

  /// The same with the position checked. Throws ShapeError for another number of indices than axes
  /// and for an index beyond its axis.
  template <class... Index>
  Scalar& at(Index... index) {
    return data()[checked_offset(std::array{static_cast<std::size_t>(index)...})];
  }
  template <class... Index>
  Scalar at(Index... index) const {
    return data()[checked_offset(std::array{static_cast<std::size_t>(index)...})];
  }

  /// A copy of [begin, end) of the first axis: some of the samples. Throws ShapeError when there
  /// are not so many.
  Tensor rows(std::size_t begin, std::size_t end) const;
  /// A copy of [begin, end) of the last axis, alike: `x.columns(0, 3)`.
  Tensor columns(std::size_t begin, std::size_t end) const;

  View view() noexcept { return {data(), shape_}; }
  ConstView view() const noexcept { return {data(), shape_}; }

  /// The same numbers under another shape. Throws ShapeError when the sizes differ.
  Tensor reshaped(const Shape& shape) const;

  /// The numbers in brackets as NumPy prints them, six digits each; of more than a thousand those
  /// near the ends.
  std::string to_string() const;

 private:
  void assign_rows(const std::vector<std::vector<Scalar>>& rows);
  std::size_t checked_offset(std::span<const std::size_t> position) const;

  template <class... Index>
  std::size_t offset(Index... index) const noexcept {
    std::size_t axis = 0, at = 0;
    ((at = at * shape_[axis++] + index), ...);
    return at;
  }

  Shape shape_;
  AlignedArray values_;
};

/// Writes `tensor.to_string()`.
CORNU_API std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

}  // namespace cornu
