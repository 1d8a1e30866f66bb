#include "cornu/core/tensor.hpp"

#include <algorithm>
#include <limits>
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

Tensor Tensor::reshaped(const Shape& shape) const { return Tensor(shape, array()); }

}  // namespace cornu
