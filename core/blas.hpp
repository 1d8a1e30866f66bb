#pragma once

#include <cstddef>
#include <string>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

/// The matrix products of OpenBLAS, row-major, and a naive reference beside each.
namespace cornu::blas {

enum class Transpose : bool { no, yes };

/// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C. The leading dimensions are those of
/// the arrays as stored. With beta = 0, C is never read.
CORNU_API void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                    std::size_t k, Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b,
                    std::size_t ldb, Scalar beta, Scalar* c, std::size_t ldc);

/// y = alpha * op(A) x + beta * y for A (m, n) as stored.
CORNU_API void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha,
                    const Scalar* a, std::size_t lda, const Scalar* x, Scalar beta, Scalar* y);

/// The kernels OpenBLAS chose for this machine ("SkylakeX"), for benchmark tables.
CORNU_API std::string core_name();

namespace reference {

CORNU_API void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n,
                    std::size_t k, Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b,
                    std::size_t ldb, Scalar beta, Scalar* c, std::size_t ldc);
CORNU_API void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha,
                    const Scalar* a, std::size_t lda, const Scalar* x, Scalar beta, Scalar* y);

}  // namespace reference
}  // namespace cornu::blas
