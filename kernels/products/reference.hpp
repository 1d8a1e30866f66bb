#pragma once

// Not a public header.

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/rows/reference.hpp"

/// What the products of kernels/products/products.hpp compute, written so that it can be read.
namespace cornu::kernels::reference {

inline void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                 std::size_t k, Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b,
                 std::size_t ldb, Scalar beta, Scalar* c, std::size_t ldc) {
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t l = 0; l < k; ++l) {
        const double left = transpose_a == Transpose::yes ? a[l * lda + i] : a[i * lda + l];
        const double right = transpose_b == Transpose::yes ? b[j * ldb + l] : b[l * ldb + j];
        sum += left * right;
      }
      Scalar& out = c[i * ldc + j];
      const double before = beta == 0 ? 0.0 : static_cast<double>(beta) * out;
      out = static_cast<Scalar>(alpha * sum + before);
    }
}

inline void affine(std::size_t m, std::size_t n, std::size_t k, const Scalar* x, const Scalar* w,
                   const Scalar* b, Scalar* y) {
  fill_rows(b, y, m, n);
  reference::gemm(Transpose::no, Transpose::no, m, n, k, 1, x, k, w, n, 1, y, n);
}

inline void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha, const Scalar* a,
                 std::size_t lda, const Scalar* x, Scalar beta, Scalar* y) {
  const bool transposed = transpose_a == Transpose::yes;
  reference::gemm(transpose_a, Transpose::no, transposed ? n : m, 1, transposed ? m : n, alpha, a,
                  lda, x, 1, beta, y, 1);
}

}  // namespace cornu::kernels::reference
