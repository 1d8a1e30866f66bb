#pragma once

// Not a public header.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "cornu/core/config.hpp"
#include "cornu/kernels/optimizers/optimizers.hpp"

/// What the kernels of kernels/optimizers/optimizers.hpp compute, written so that it can be read.
namespace cornu::kernels::reference {

inline Scalar without_denormals(Scalar x) {
  return std::abs(x) < std::numeric_limits<Scalar>::min() ? 0 : x;
}
/// The moving mean of an optimizer's step, and that of squares.
inline Scalar moving_mean(Scalar before, Scalar now, double keep) {
  return without_denormals(static_cast<Scalar>(keep) * before +
                           static_cast<Scalar>(1 - keep) * now);
}
inline Scalar moving_mean_square(Scalar before, Scalar now, double keep) {
  return without_denormals(static_cast<Scalar>(keep) * before +
                           static_cast<Scalar>(1 - keep) * now * now);
}

inline void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                          std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = without_denormals(momentum * m[i] - lr * g[i]);
    p[i] += m[i];
  }
}
inline void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                          std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = without_denormals(momentum * m[i] - lr * g[i]);
    p[i] += momentum * m[i] - lr * g[i];
  }
}
inline void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon,
                         std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    a[i] += g[i] * g[i];
    p[i] -= lr * g[i] / (std::sqrt(a[i]) + epsilon);
  }
}
inline void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr,
                         Scalar epsilon, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = moving_mean_square(a[i], g[i], rho);
    p[i] -= lr * g[i] / (std::sqrt(a[i]) + epsilon);
  }
}
inline void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho, Scalar lr,
                          Scalar epsilon, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = moving_mean_square(a[i], g[i], rho);
    const Scalar u = g[i] * std::sqrt(d[i] + epsilon) / std::sqrt(a[i] + epsilon);
    p[i] -= lr * u;
    d[i] = moving_mean_square(d[i], u, rho);
  }
}
inline void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1,
                      double beta_2, Scalar kept, Scalar lr, Scalar epsilon, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = moving_mean(m[i], g[i], beta_1);
    v[i] = moving_mean_square(v[i], g[i], beta_2);
    p[i] = kept * p[i] - lr * m[i] / (std::sqrt(v[i]) + epsilon);
  }
}
inline void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1,
                        double beta_2, Scalar lr, Scalar epsilon, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = moving_mean(m[i], g[i], beta_1);
    u[i] = std::max(without_denormals(static_cast<Scalar>(beta_2) * u[i]), std::abs(g[i]));
    p[i] -= lr * m[i] / (u[i] + epsilon);
  }
}
inline void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v,
                       const NadamFactors& factors, Scalar lr, Scalar epsilon, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = moving_mean(m[i], g[i], factors.beta_1);
    v[i] = moving_mean_square(v[i], g[i], factors.beta_2);
    p[i] -= lr * (factors.of_g * g[i] + factors.of_m * m[i]) /
            (std::sqrt(factors.of_v * v[i]) + epsilon);
  }
}

}  // namespace cornu::kernels::reference
