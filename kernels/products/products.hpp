#pragma once

#include <cstddef>
#include <string>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// Matrix products, row-major. With AVX2 or AVX-512 they are Cornu's own, which serve small
/// matrices better than OpenBLAS does and do not depend on its knowing the processor; elsewhere
/// OpenBLAS's. Large ones are shared between threads.
namespace cornu::kernels {

enum class Transpose : bool { no, yes };

/// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C. The leading dimensions are those of
/// the arrays as stored. With beta = 0, C is never read.
CORNU_API void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                    std::size_t k, Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b,
                    std::size_t ldb, Scalar beta, Scalar* c, std::size_t ldc);

/// y (m, n) = x (m, k) w (k, n) + b, the row b (n) under every row. y is not read.
CORNU_API void affine(std::size_t m, std::size_t n, std::size_t k, const Scalar* x, const Scalar* w,
                      const Scalar* b, Scalar* y);

/// y = alpha * op(A) x + beta * y for A (m, n) as stored.
CORNU_API void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha,
                    const Scalar* a, std::size_t lda, const Scalar* x, Scalar beta, Scalar* y);

/// The kernels OpenBLAS chose for this machine ("SkylakeX"), for benchmark tables.
CORNU_API std::string openblas_core();

}  // namespace cornu::kernels
