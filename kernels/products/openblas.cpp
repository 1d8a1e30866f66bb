#include "cornu/kernels/products/openblas.hpp"

#include <cblas.h>

#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>

#include "cornu/core/error.hpp"
#include "cornu/kernels/products/products.hpp"

namespace cornu::kernels {
namespace {

/// OpenBLAS starts no threads of its own: Cornu splits work itself, so that the two never compete
/// for cores.
void use_one_openblas_thread() {
  static const bool once = (openblas_set_num_threads(1), true);
  static_cast<void>(once);
}

int checked_side(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw ShapeError("product", "a matrix side of " + std::to_string(size) + " is beyond 2^31 - 1",
                     "use smaller batches");
  return static_cast<int>(size);
}

}  // namespace

void products::openblas_product(const Product& p) {
  use_one_openblas_thread();
  Scalar beta = p.beta;
  if (beta == 0) {
    for (std::size_t i = 0; i < p.m; ++i)  // some versions would read what is there
      std::fill_n(p.c + i * p.ldc, p.n, Scalar{0});
    beta = 1;
  } else if (p.start != p.c) {
    for (std::size_t i = 0; i < p.m; ++i)
      std::copy_n(p.start + i * p.start_row, p.n, p.c + i * p.ldc);
  }
  const CBLAS_TRANSPOSE ta = p.transpose_a ? CblasTrans : CblasNoTrans;
  const CBLAS_TRANSPOSE tb = p.transpose_b ? CblasTrans : CblasNoTrans;
  const int m = checked_side(p.m), n = checked_side(p.n), k = checked_side(p.k);
  const int lda = checked_side(p.lda), ldb = checked_side(p.ldb), ldc = checked_side(p.ldc);
  const auto gemv = [&] {
    if constexpr (std::is_same_v<Scalar, float>)
      return cblas_sgemv;
    else
      return cblas_dgemv;
  }();
  const auto gemm = [&] {
    if constexpr (std::is_same_v<Scalar, float>)
      return cblas_sgemm;
    else
      return cblas_dgemm;
  }();
  if (p.m == 1)
    gemv(CblasRowMajor, p.transpose_b ? CblasNoTrans : CblasTrans, p.transpose_b ? n : k,
         p.transpose_b ? k : n, p.alpha, p.b, ldb, p.a, p.transpose_a ? lda : 1, beta, p.c, 1);
  else if (p.n == 1)
    gemv(CblasRowMajor, ta, p.transpose_a ? k : m, p.transpose_a ? m : k, p.alpha, p.a, lda, p.b,
         p.transpose_b ? 1 : ldb, beta, p.c, ldc);
  else
    gemm(CblasRowMajor, ta, tb, m, n, k, p.alpha, p.a, lda, p.b, ldb, beta, p.c, ldc);
}

std::string openblas_core() { return openblas_get_corename(); }

}  // namespace cornu::kernels
