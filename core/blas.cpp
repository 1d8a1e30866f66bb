#include "cornu/core/blas.hpp"

#include <cblas.h>

#include <algorithm>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/core/kernels_table.hpp"

namespace cornu::blas {
namespace {

/// OpenBLAS starts no threads of its own: Cornu splits work itself, so that the two never compete
/// for cores.
void use_one_thread() {
  static const bool once = (openblas_set_num_threads(1), true);
  static_cast<void>(once);
}

int checked(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw ShapeError("blas", "a matrix side of " + std::to_string(size) + " is beyond 2^31 - 1",
                     "use smaller batches");
  return static_cast<int>(size);
}

CBLAS_TRANSPOSE code(Transpose transpose) {
  return transpose == Transpose::yes ? CblasTrans : CblasNoTrans;
}

void scale_rows(Scalar beta, Scalar* c, std::size_t m, std::size_t n, std::size_t ldc) {
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      c[i * ldc + j] = beta == 0 ? Scalar{0} : beta * c[i * ldc + j];
}

[[maybe_unused]] void openblas_gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                                    float alpha, const float* a, int lda, const float* b, int ldb,
                                    float beta, float* c, int ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
[[maybe_unused]] void openblas_gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k,
                                    double alpha, const double* a, int lda, const double* b,
                                    int ldb, double beta, double* c, int ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
[[maybe_unused]] void openblas_gemv(CBLAS_TRANSPOSE ta, int m, int n, float alpha, const float* a,
                                    int lda, const float* x, float beta, float* y) {
  cblas_sgemv(CblasRowMajor, ta, m, n, alpha, a, lda, x, 1, beta, y, 1);
}
[[maybe_unused]] void openblas_gemv(CBLAS_TRANSPOSE ta, int m, int n, double alpha, const double* a,
                                    int lda, const double* x, double beta, double* y) {
  cblas_dgemv(CblasRowMajor, ta, m, n, alpha, a, lda, x, 1, beta, y, 1);
}

}  // namespace

void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb,
          Scalar beta, Scalar* c, std::size_t ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) return scale_rows(beta, c, m, n, ldc);
  if (const auto product = kernels::detail::table().product)
    return product({transpose_a == Transpose::yes, transpose_b == Transpose::yes, m, n, k, alpha, a,
                    lda, b, ldb, beta, c, ldc, c, ldc});
  use_one_thread();
  openblas_gemm(code(transpose_a), code(transpose_b), checked(m), checked(n), checked(k), alpha, a,
                checked(lda), b, checked(ldb), beta, c, checked(ldc));
}

void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha, const Scalar* a,
          std::size_t lda, const Scalar* x, Scalar beta, Scalar* y) {
  const std::size_t outputs = transpose_a == Transpose::yes ? n : m;
  const std::size_t inputs = transpose_a == Transpose::yes ? m : n;
  if (outputs == 0) return;
  if (inputs == 0) return scale_rows(beta, y, 1, outputs, outputs);
  if (const auto product = kernels::detail::table().product)
    return product({transpose_a == Transpose::yes, false, outputs, 1, inputs, alpha, a, lda, x, 1,
                    beta, y, 1, y, 1});
  if (beta == 0) {
    std::fill_n(y, outputs, Scalar{0});
    beta = 1;
  }
  use_one_thread();
  openblas_gemv(code(transpose_a), checked(m), checked(n), alpha, a, checked(lda), x, beta, y);
}

std::string core_name() { return openblas_get_corename(); }

namespace reference {

void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb,
          Scalar beta, Scalar* c, std::size_t ldc) {
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

void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha, const Scalar* a,
          std::size_t lda, const Scalar* x, Scalar beta, Scalar* y) {
  const bool transposed = transpose_a == Transpose::yes;
  reference::gemm(transpose_a, Transpose::no, transposed ? n : m, 1, transposed ? m : n, alpha, a,
                  lda, x, 1, beta, y, 1);
}

}  // namespace reference
}  // namespace cornu::blas
