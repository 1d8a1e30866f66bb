#include "cornu/initializations/builtins.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"

// The formulas are those of Keras 1.0.3, initializations.py.

namespace cornu::detail {
namespace {

/// Uniform in [-width, width).
void fill_symmetric(RandomStream& random, double width, Array out) {
  random.fill_uniform(out, static_cast<Scalar>(-width), static_cast<Scalar>(width));
}

void fill_normal(RandomStream& random, double standard_deviation, Array out) {
  random.fill_normal(out, 0, static_cast<Scalar>(standard_deviation));
}

void uniform(const Shape&, double scale, RandomStream& random, Array out) {
  fill_symmetric(random, scale, out);
}

void normal(const Shape&, double scale, RandomStream& random, Array out) {
  fill_normal(random, scale, out);
}

// LeCun et al., "Efficient BackProp", 1998: variance 1 / fan_in. A uniform variable on [-w, w) has
// variance w^2 / 3, hence the 3 here and in the two below.
void lecun_uniform(const Shape& shape, double, RandomStream& random, Array out) {
  fill_symmetric(random, std::sqrt(3 / fans(shape).in), out);
}

// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks",
// AISTATS 2010: variance 2 / (fan_in + fan_out).
void glorot_normal(const Shape& shape, double, RandomStream& random, Array out) {
  const auto [in, out_fan] = fans(shape);
  fill_normal(random, std::sqrt(2 / (in + out_fan)), out);
}

void glorot_uniform(const Shape& shape, double, RandomStream& random, Array out) {
  const auto [in, out_fan] = fans(shape);
  fill_symmetric(random, std::sqrt(6 / (in + out_fan)), out);
}

// He et al., "Delving deep into rectifiers", ICCV 2015: variance 2 / fan_in.
void he_normal(const Shape& shape, double, RandomStream& random, Array out) {
  fill_normal(random, std::sqrt(2 / fans(shape).in), out);
}

void he_uniform(const Shape& shape, double, RandomStream& random, Array out) {
  fill_symmetric(random, std::sqrt(6 / fans(shape).in), out);
}

void identity(const Shape& shape, double scale, RandomStream&, Array out) {
  if (shape.rank() != 2 || shape[0] != shape[1])
    throw ShapeError("identity", "expected a square matrix, got " + shape.to_string(),
                     "use 'orthogonal' for matrices that are not square");
  std::fill(out.begin(), out.end(), Scalar{0});
  for (std::size_t i = 0; i < shape[0]; ++i) out[i * shape[1] + i] = static_cast<Scalar>(scale);
}

void zero(const Shape&, double, RandomStream&, Array out) {
  std::fill(out.begin(), out.end(), Scalar{0});
}

void one(const Shape&, double, RandomStream&, Array out) {
  std::fill(out.begin(), out.end(), Scalar{1});
}

}  // namespace

std::vector<NamedInitializer> builtin_initializers() {
  return {
      // Uniform in [-scale, scale); the scale is 0.05 unless given.
      {"uniform", {uniform, 0.05}},
      // Uniform in [-w, w) with w = sqrt(3 / fan_in): variance 1 / fan_in.
      {"lecun_uniform", {lecun_uniform}},
      // Normal with standard deviation scale, 0.05 unless given; not truncated.
      {"normal", {normal, 0.05}},
      // The identity matrix times the scale, 1 unless given. Square matrices only.
      {"identity", {identity, 1}},
      // Orthonormal rows or columns, whichever are fewer, times the scale, 1.1 unless given.
      // At least two axes; those after the first count as one.
      {"orthogonal", {orthogonal, 1.1}},
      // All 0.
      {"zero", {zero}},
      // As zero.
      {"zeros", {zero}},
      // All 1.
      {"one", {one}},
      // As one.
      {"ones", {one}},
      // Normal with standard deviation sqrt(2 / (fan_in + fan_out)).
      {"glorot_normal", {glorot_normal}},
      // Uniform in [-w, w) with w = sqrt(6 / (fan_in + fan_out)).
      {"glorot_uniform", {glorot_uniform}},
      // Normal with standard deviation sqrt(2 / fan_in).
      {"he_normal", {he_normal}},
      // Uniform in [-w, w) with w = sqrt(6 / fan_in).
      {"he_uniform", {he_uniform}},
  };
}

}  // namespace cornu::detail
