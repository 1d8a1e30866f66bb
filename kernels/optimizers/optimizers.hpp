#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// The steps of the optimizers, one pass over parameters, gradients and what is accumulated.
namespace cornu::kernels {

// One step of an optimizer over n parameters p and their gradients g (optimizers/*.cpp says what
// the other arrays are). What they accumulate and is too small for a normal number (below 1e-37 in
// float) becomes 0.
/// m = momentum * m - lr * g; p += m
CORNU_API void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
/// m = momentum * m - lr * g; p += momentum * m - lr * g
CORNU_API void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
/// a += g^2; p -= lr * g / (sqrt(a) + epsilon)
CORNU_API void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon,
                            std::size_t n);
/// a = rho * a + (1 - rho) * g^2; p -= lr * g / (sqrt(a) + epsilon)
CORNU_API void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr,
                            Scalar epsilon, std::size_t n);
/// a = rho * a + (1 - rho) * g^2; u = g * sqrt(d + epsilon) / sqrt(a + epsilon); p -= lr * u;
/// d = rho * d + (1 - rho) * u^2
CORNU_API void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho,
                             Scalar lr, Scalar epsilon, std::size_t n);
/// m = beta_1 * m + (1 - beta_1) * g; v = beta_2 * v + (1 - beta_2) * g^2;
/// p = kept * p - lr * m / (sqrt(v) + epsilon)
CORNU_API void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1,
                         double beta_2, Scalar kept, Scalar lr, Scalar epsilon, std::size_t n);
/// m = beta_1 * m + (1 - beta_1) * g; u = max(beta_2 * u, |g|); p -= lr * m / (u + epsilon)
CORNU_API void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1,
                           double beta_2, Scalar lr, Scalar epsilon, std::size_t n);
/// m and v as in adam_step; p -= lr * (of_g * g + of_m * m) / (sqrt(of_v * v) + epsilon)
struct NadamFactors {
  double beta_1, beta_2;
  Scalar of_g, of_m, of_v;
};
CORNU_API void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v,
                          const NadamFactors& factors, Scalar lr, Scalar epsilon, std::size_t n);

}  // namespace cornu::kernels
