#include "cornu/core/tensor.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <ostream>
#include <string>
#include <utility>

#include "cornu/core/error.hpp"

namespace cornu {

namespace {

// The bytes that arrays of this thread may still take.
thread_local std::uint64_t bytes_left = std::numeric_limits<std::uint64_t>::max();

void take(std::size_t count) {
  if (bytes_left == std::numeric_limits<std::uint64_t>::max()) return;
  if (count > bytes_left / sizeof(Scalar))
    throw FormatError("memory",
                      "an array of " + std::to_string(count) + " numbers would go beyond the limit",
                      "LoadLimits::memory sets the limit");
  bytes_left -= count * sizeof(Scalar);
}

}  // namespace

detail::MemoryLimit::MemoryLimit(std::uint64_t bytes) noexcept
    : former_(std::exchange(bytes_left, bytes)) {}
detail::MemoryLimit::~MemoryLimit() { bytes_left = former_; }

void detail::throw_out_of_memory(std::string_view place, std::string_view what, double count) {
  throw MemoryError(
      place, std::string(what) + " would take " + bytes_text(count * sizeof(Scalar)),
      "the machine has not so much memory: look at the sizes, or use smaller batches");
}

AlignedArray::AlignedArray(std::size_t size) : size_(size) {
  if (size == 0) return;
  take(size);
  constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(Scalar);
  void* const memory = size > most ? nullptr
                                   : ::operator new (size * sizeof(Scalar),
                                                     std::align_val_t{alignment}, std::nothrow);
  if (memory == nullptr)
    detail::throw_out_of_memory("memory", "an array of " + std::to_string(size) + " numbers",
                                static_cast<double>(size));
  data_.reset(static_cast<Scalar*>(memory));
  std::fill_n(data(), size, Scalar{0});
}

namespace {

AlignedArray array_of(const Shape& shape) {
  try {
    return AlignedArray(shape.size());
  } catch (const MemoryError&) {
    detail::throw_out_of_memory("Tensor", "shape " + shape.to_string(),
                                static_cast<double>(shape.size()));
  }
}

}  // namespace

Tensor::Tensor(const Shape& shape) : shape_(shape), values_(array_of(shape)) {}

Tensor::Tensor(const Shape& shape, ConstArray values) : shape_(shape), values_(values.size()) {
  const std::size_t expected = shape.empty() && values.empty() ? 0 : shape.size();
  if (values.size() != expected)
    throw ShapeError("Tensor", "shape " + shape.to_string() + " expects " +
                                   std::to_string(expected) + " values, got " +
                                   std::to_string(values.size()));
  std::copy(values.begin(), values.end(), values_.data());
}

Tensor::Tensor(Tensor&& other) noexcept
    : shape_(std::exchange(other.shape_, {})), values_(std::exchange(other.values_, {})) {}

Tensor& Tensor::operator=(const Tensor& other) {
  if (this == &other) return *this;
  if (size() == other.size()) {
    std::copy(other.begin(), other.end(), begin());
    shape_ = other.shape_;
  } else {
    *this = Tensor(other);
  }
  return *this;
}

Tensor& Tensor::operator=(Tensor&& other) noexcept {
  shape_ = std::exchange(other.shape_, {});
  values_ = std::exchange(other.values_, {});
  return *this;
}

Tensor::Tensor(std::initializer_list<std::initializer_list<double>> rows) {
  std::vector<std::vector<Scalar>> values;
  for (const auto& row : rows) {
    values.emplace_back();
    for (const double value : row) values.back().push_back(static_cast<Scalar>(value));
  }
  assign_rows(values);
}

void Tensor::assign_rows(const std::vector<std::vector<Scalar>>& rows) {
  if (rows.empty() || rows[0].empty()) return;
  const std::size_t columns = rows[0].size();
  Tensor result(Shape{rows.size(), columns});
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].size() != columns)
      throw ShapeError("Tensor", "expected rows of " + std::to_string(columns) +
                                     " numbers as the first one, got " +
                                     std::to_string(rows[r].size()) + " in row " +
                                     std::to_string(r));
    std::copy(rows[r].begin(), rows[r].end(), result.data() + r * columns);
  }
  *this = std::move(result);
}

std::size_t Tensor::checked_offset(std::span<const std::size_t> position) const {
  if (position.size() != shape_.rank())
    throw ShapeError("Tensor", "at expected " + std::to_string(shape_.rank()) +
                                   " indices for the shape " + shape_.to_string() + ", got " +
                                   std::to_string(position.size()));
  std::size_t at = 0;
  for (std::size_t axis = 0; axis < shape_.rank(); ++axis) {
    if (position[axis] >= shape_[axis])
      throw ShapeError("Tensor", "at expected an index below " + std::to_string(shape_[axis]) +
                                     " for axis " + std::to_string(axis) + " of " +
                                     shape_.to_string() + ", got " +
                                     std::to_string(position[axis]));
    at = at * shape_[axis] + position[axis];
  }
  return at;
}

namespace {

/// The same shape with another size of one axis.
Shape with_size(const Shape& shape, std::size_t axis, std::size_t size) {
  std::vector<std::size_t> sizes(shape.begin(), shape.end());
  sizes[axis] = size;
  return Shape(sizes);
}

void check_part(const char* what, std::size_t begin, std::size_t end, const Shape& shape,
                std::size_t axis) {
  if (shape.empty() || begin > end || end > shape[axis])
    throw ShapeError("Tensor", std::string(what) + " " + std::to_string(begin) + " to " +
                                   std::to_string(end) + " are not within the shape " +
                                   shape.to_string());
}

}  // namespace

Tensor Tensor::rows(std::size_t begin, std::size_t end) const {
  check_part("rows", begin, end, shape_, 0);
  const Shape shape = with_size(shape_, 0, end - begin);
  const std::size_t width = shape_.without_samples().size();
  return Tensor(shape, array().subspan(begin * width, shape.size()));
}

Tensor Tensor::columns(std::size_t begin, std::size_t end) const {
  check_part("columns", begin, end, shape_, shape_.empty() ? 0 : shape_.rank() - 1);
  Tensor result(with_size(shape_, shape_.rank() - 1, end - begin));
  const std::size_t width = end - begin;
  for (std::size_t r = 0; r * width < result.size(); ++r)
    std::copy_n(data() + r * shape_.back() + begin, width, result.data() + r * width);
  return result;
}

Tensor Tensor::reshaped(const Shape& shape) const { return Tensor(shape, array()); }

namespace {

/// Prints an array axis by axis, as NumPy does.
class TensorPrinter {
 public:
  explicit TensorPrinter(const Tensor& tensor) : tensor_(tensor), shortened_(tensor.size() > 1000) {
    if (!tensor.empty())
      each_shown(0, 0, [this](std::size_t at) {
        width_ = std::max(width_, number(tensor_.data()[at]).size());
      });
  }

  std::string print() {
    if (tensor_.shape().empty()) return tensor_.empty() ? "[]" : number(tensor_.data()[0]);
    print(0, 0);
    return std::move(text_);
  }

 private:
  static constexpr std::size_t ends = 3;  // how many stay at either end of a long axis

  static std::string number(Scalar value) {
    char digits[32];
    const auto written = std::to_chars(digits, digits + sizeof digits, static_cast<double>(value),
                                       std::chars_format::general, 6);
    return std::string(digits, written.ptr);
  }

  /// Whether index i of an axis of so many is left out.
  bool left_out(std::size_t i, std::size_t size) const {
    return shortened_ && size > 2 * ends && i >= ends && i < size - ends;
  }

  template <class Visit>
  void each_shown(std::size_t axis, std::size_t at, const Visit& visit) const {
    if (axis == tensor_.shape().rank()) return visit(at);
    const std::size_t size = tensor_.shape()[axis];
    for (std::size_t i = 0; i < size; ++i)
      if (!left_out(i, size)) each_shown(axis + 1, at * size + i, visit);
  }

  void print(std::size_t axis, std::size_t at) {
    const std::size_t rank = tensor_.shape().rank();
    if (axis == rank) {
      const std::string digits = number(tensor_.data()[at]);
      text_.append(width_ - digits.size(), ' ').append(digits);
      return;
    }
    const std::size_t size = tensor_.shape()[axis];
    text_ += '[';
    for (std::size_t i = 0; i < size; ++i) {
      const bool gap = left_out(i, size);
      if (gap && left_out(i - 1, size)) continue;
      if (i > 0) separate(axis);
      if (gap)
        text_ += "...";
      else
        print(axis + 1, at * size + i);
    }
    text_ += ']';
  }

  /// ", " between numbers; a line end between rows, and one more for each axis before.
  void separate(std::size_t axis) {
    const std::size_t inner = tensor_.shape().rank() - 1 - axis;
    text_ += ',';
    if (inner == 0)
      text_ += ' ';
    else
      text_.append(inner, '\n').append(axis + 1, ' ');
  }

  const Tensor& tensor_;
  bool shortened_;
  std::size_t width_ = 0;
  std::string text_;
};

}  // namespace

std::string Tensor::to_string() const { return TensorPrinter(*this).print(); }

std::ostream& operator<<(std::ostream& out, const Tensor& tensor) {
  return out << tensor.to_string();
}

}  // namespace cornu
