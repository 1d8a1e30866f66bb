#include "cornu/kernels/blas.hpp"

#include <cblas.h>

#include <algorithm>
#include <limits>
#include <type_traits>

#include "cornu/core/error.hpp"
#include "cornu/core/parallel.hpp"
#include "cornu/kernels/kernels.hpp"
#include "cornu/kernels/kernels_reference.hpp"
#include "cornu/kernels/kernels_table.hpp"

namespace cornu::blas {
namespace {

using kernels::detail::Product;

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

void scale_rows(Scalar beta, Scalar* c, std::size_t m, std::size_t n, std::size_t ldc) {
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      c[i * ldc + j] = beta == 0 ? Scalar{0} : beta * c[i * ldc + j];
}

/// The same product by OpenBLAS, for processors that the kernels have no tiles for.
void openblas_product(const Product& p) {
  use_one_thread();
  Scalar beta = p.beta;
  if (beta == 0) {
    scale_rows(0, p.c, p.m, p.n, p.ldc);  // some versions would read what is there
    beta = 1;
  } else if (p.start != p.c) {
    for (std::size_t i = 0; i < p.m; ++i)
      std::copy_n(p.start + i * p.start_row, p.n, p.c + i * p.ldc);
  }
  const CBLAS_TRANSPOSE ta = p.transpose_a ? CblasTrans : CblasNoTrans;
  const CBLAS_TRANSPOSE tb = p.transpose_b ? CblasTrans : CblasNoTrans;
  const int m = checked(p.m), n = checked(p.n), k = checked(p.k);
  const int lda = checked(p.lda), ldb = checked(p.ldb), ldc = checked(p.ldc);
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

/// The multiplications and additions that are worth a second thread: some 20 microseconds.
constexpr std::size_t least_work = std::size_t{1} << 21;
/// Where C is cut: whole cache lines of columns, or whole tiles of rows.
constexpr std::size_t column_unit = 64, row_unit = 48;

/// The product, large ones in parts that share nothing of C, so that the bits do not depend on
/// their number.
void run(const Product& p) {
  const auto own = kernels::detail::table().product;
  const auto product = own != nullptr ? own : openblas_product;
  const std::size_t parts = detail::parts_of(p.m * p.n * p.k, least_work);
  if (parts == 1) return product(p);
  const bool by_columns = p.n / column_unit >= p.m / row_unit;
  detail::parallel(parts, [&](std::size_t part) {
    const detail::Share share = by_columns ? detail::share_of(p.n, column_unit, part, parts)
                                           : detail::share_of(p.m, row_unit, part, parts);
    if (share.first == share.last) return;
    Product mine = p;
    if (by_columns) {
      mine.n = share.last - share.first;
      mine.b += share.first * (p.transpose_b ? p.ldb : 1);
      mine.c += share.first;
      mine.start += share.first;
    } else {
      mine.m = share.last - share.first;
      mine.a += share.first * (p.transpose_a ? 1 : p.lda);
      mine.c += share.first * p.ldc;
      mine.start += share.first * p.start_row;
    }
    product(mine);
  });
}

}  // namespace

void gemm(Transpose transpose_a, Transpose transpose_b, std::size_t m, std::size_t n, std::size_t k,
          Scalar alpha, const Scalar* a, std::size_t lda, const Scalar* b, std::size_t ldb,
          Scalar beta, Scalar* c, std::size_t ldc) {
  if (m == 0 || n == 0) return;
  if (k == 0) return scale_rows(beta, c, m, n, ldc);
  run({transpose_a == Transpose::yes, transpose_b == Transpose::yes, m, n, k, alpha, a, lda, b, ldb,
       beta, c, ldc, c, ldc});
}

void affine(std::size_t m, std::size_t n, std::size_t k, const Scalar* x, const Scalar* w,
            const Scalar* b, Scalar* y) {
  if (m == 0 || n == 0) return;
  if (k == 0) return kernels::fill_rows(b, y, m, n);
  run({false, false, m, n, k, 1, x, k, w, n, 1, b, 0, y, n});
}

void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha, const Scalar* a,
          std::size_t lda, const Scalar* x, Scalar beta, Scalar* y) {
  const std::size_t outputs = transpose_a == Transpose::yes ? n : m;
  const std::size_t inputs = transpose_a == Transpose::yes ? m : n;
  if (outputs == 0) return;
  if (inputs == 0) return scale_rows(beta, y, 1, outputs, outputs);
  run({transpose_a == Transpose::yes, false, outputs, 1, inputs, alpha, a, lda, x, 1, beta, y, 1, y,
       1});
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

void affine(std::size_t m, std::size_t n, std::size_t k, const Scalar* x, const Scalar* w,
            const Scalar* b, Scalar* y) {
  kernels::reference::fill_rows(b, y, m, n);
  reference::gemm(Transpose::no, Transpose::no, m, n, k, 1, x, k, w, n, 1, y, n);
}

void gemv(Transpose transpose_a, std::size_t m, std::size_t n, Scalar alpha, const Scalar* a,
          std::size_t lda, const Scalar* x, Scalar beta, Scalar* y) {
  const bool transposed = transpose_a == Transpose::yes;
  reference::gemm(transpose_a, Transpose::no, transposed ? n : m, 1, transposed ? m : n, alpha, a,
                  lda, x, 1, beta, y, 1);
}

}  // namespace reference
}  // namespace cornu::blas
