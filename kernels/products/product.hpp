#pragma once

// Not a public header.

#include <cstddef>

#include "cornu/core/config.hpp"

namespace cornu::kernels::products {

/// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * S for m, n, k > 0. S is C itself, or any
/// other matrix with rows `start_row` apart: 0 puts one row under every row. Not read for beta 0.
struct Product {
  bool transpose_a, transpose_b;
  std::size_t m, n, k;
  Scalar alpha;
  const Scalar* a;
  std::size_t lda;
  const Scalar* b;
  std::size_t ldb;
  Scalar beta;
  const Scalar* start;
  std::size_t start_row;
  Scalar* c;
  std::size_t ldc;
};

}  // namespace cornu::kernels::products
