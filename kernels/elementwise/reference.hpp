#pragma once

// Not a public header.

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "cornu/core/config.hpp"

/// What the kernels of kernels/elementwise/elementwise.hpp compute, written so that it can be read.
namespace cornu::kernels::reference {

template <class Function>
inline void each(const Scalar* x, Scalar* y, std::size_t n, Function function) {
  for (std::size_t i = 0; i < n; ++i) y[i] = function(x[i]);
}

template <class Derivative>
inline void each_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n,
                          Derivative derivative) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = dy[i] * derivative(y[i]);
}

inline void relu(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return v < 0 ? Scalar{0} : v; });  // NaN stays
}
inline void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = y[i] > 0 ? dy[i] : Scalar{0};
}

inline void tanh(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return std::tanh(v); });
}
inline void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return (1 - v) * (1 + v); });
}

inline void sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return v < 0 ? std::exp(v) / (1 + std::exp(v)) : 1 / (1 + std::exp(-v)); });
}
inline void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return v * (1 - v); });
}

inline void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return std::clamp(Scalar(0.2) * v + Scalar(0.5), Scalar{0}, Scalar{1}); });
}
inline void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    dx[i] = y[i] > 0 && y[i] < 1 ? Scalar(0.2) * dy[i] : Scalar{0};
}

// log(1 + e^x), without overflow for large x.
inline void softplus(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return v > 0 ? v + std::log1p(std::exp(-v)) : std::log1p(std::exp(v)); });
}
// The derivative is sigmoid(x), and e^-y = 1 / (1 + e^x) = 1 - sigmoid(x).
inline void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return -std::expm1(-v); });
}

// The limits 1 and -1 at the infinities.
inline void softsign(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) {
    return std::isinf(v) ? std::copysign(Scalar{1}, v) : v / (1 + std::abs(v));
  });
}
// The derivative is 1 / (1 + |x|)^2, and 1 - |y| = 1 / (1 + |x|).
inline void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return (1 - std::abs(v)) * (1 - std::abs(v)); });
}

inline void exp(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return std::exp(v); });
}

inline void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}
inline void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}
inline void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}
inline double sum_of_squares(const Scalar* x, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * x[i];
  return sum;
}
inline bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most) {
  return std::all_of(x, x + n, [=](Scalar v) { return least <= v && v <= most; });
}

}  // namespace cornu::kernels::reference
