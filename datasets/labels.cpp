#include "cornu/datasets/labels.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "cornu/core/error.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace cornu {
namespace {

// Beyond it not every whole number is a Scalar.
constexpr Scalar most_classes = static_cast<Scalar>(1 << 24);

bool is_one_column(const Shape& shape) {
  return shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1);
}

std::vector<std::size_t> whole_numbers(const Tensor& classes, const char* place) {
  std::vector<std::size_t> numbers;
  numbers.reserve(classes.size());
  for (const Scalar value : classes) {
    if (!(value >= 0 && value <= most_classes && value == std::floor(value))) {
      std::ostringstream text;
      text << "expected class numbers, whole and from 0 up, got " << value << " in sample "
           << numbers.size();
      throw ConfigError(place, text.str());
    }
    numbers.push_back(static_cast<std::size_t>(value));
  }
  return numbers;
}

}  // namespace

Tensor to_categorical(const std::vector<std::size_t>& classes, std::size_t nb_classes) {
  if (nb_classes == 0 && !classes.empty())
    nb_classes = *std::max_element(classes.begin(), classes.end()) + 1;
  Tensor targets(Shape{classes.size(), nb_classes});
  for (std::size_t n = 0; n < classes.size(); ++n) {
    if (classes[n] >= nb_classes)
      throw ConfigError("to_categorical", "expected classes below " + std::to_string(nb_classes) +
                                              ", got " + std::to_string(classes[n]) +
                                              " in sample " + std::to_string(n));
    targets(n, classes[n]) = 1;
  }
  return targets;
}

Tensor to_categorical(const Tensor& classes, std::size_t nb_classes) {
  if (!is_one_column(classes.shape()))
    throw ShapeError("to_categorical",
                     "expected class numbers (N,) or (N, 1), got " + classes.shape().to_string(),
                     classes.shape().rank() == 2 ? "these are targets already" : "");
  return to_categorical(whole_numbers(classes, "to_categorical"), nb_classes);
}

std::vector<std::size_t> to_classes(const Tensor& targets) {
  if (is_one_column(targets.shape())) return whole_numbers(targets, "to_classes");
  if (targets.shape().rank() != 2)
    throw ShapeError("to_classes", "expected targets (N, C), class numbers (N,) or (N, 1), got " +
                                       targets.shape().to_string());
  std::vector<std::size_t> classes(targets.shape()[0]);
  kernels::argmax(targets.data(), classes.size(), targets.shape()[1], classes.data());
  return classes;
}

}  // namespace cornu
