// Matrix products, compiled once for each instruction set (core/loops.hpp).

#include "cornu/kernels/products/products.hpp"

#include "cornu/core/loops.hpp"
#include "cornu/kernels/products/tiles.inc"
#include "cornu/kernels/products/vector_products.inc"

namespace cornu::kernels {

namespace products {

/// The family's loops for one instruction set.
struct Table {
  void (*product)(const Product& product);  ///< null: OpenBLAS does better
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace products

namespace loops {
namespace {

void product(const Product& p) {
  if (vector_product(p)) return;
  // Equal runs of terms, so that the last is not a short one.
  size_t run = p.k;
  if (run > most_terms) {
    const size_t runs = (p.k + most_terms - 1) / most_terms;
    run = (p.k + runs - 1) / runs;
  }
  const bool pack = p.transpose_b || (p.m >= 24 && p.ldb * sizeof(Scalar) > 512);
  const bool gather = p.transpose_a && p.n > 2 * widest * vector_width && p.m * p.k > 2048;
  for (size_t l = 0; l < p.k; l += run) {
    const bool first = l == 0;
    const Pass pass{.m = p.m,
                    .n = p.n,
                    .terms = p.k - l < run ? p.k - l : run,
                    .a = p.a + (p.transpose_a ? l * p.lda : l),
                    .lda = p.lda,
                    .by_columns = p.transpose_a,
                    .b = p.b + (p.transpose_b ? l : l * p.ldb),
                    .ldb = p.ldb,
                    .transposed = p.transpose_b,
                    .pack = pack,
                    .alpha = p.alpha,
                    .beta = first ? p.beta : 1,
                    .start = first ? p.start : p.c,
                    .start_row = first ? p.start_row : p.ldc,
                    .c = p.c,
                    .ldc = p.ldc};
    if (gather)
      gathered_strips(pass);
    else
      strips(pass);
  }
}

}  // namespace
}  // namespace loops

const products::Table products::CORNU_LOOPS = {
    .product = loops::vector_bytes > 16 ? loops::product : nullptr,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include "cornu/core/parallel.hpp"
#include "cornu/kernels/products/openblas.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace cornu::kernels {
namespace products {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

void scale_rows(Scalar beta, Scalar* c, std::size_t m, std::size_t n, std::size_t ldc) {
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j)
      c[i * ldc + j] = beta == 0 ? Scalar{0} : beta * c[i * ldc + j];
}

/// The multiplications and additions that are worth a second thread: some 20 microseconds. With a
/// vector, each number of the matrix serves one of them only, and what takes the time is reading
/// it.
constexpr std::size_t least_work = std::size_t{1} << 21,
                      least_work_of_vector = std::size_t{1} << 18;
/// Where C is cut: whole cache lines of columns, or whole tiles of rows.
constexpr std::size_t column_unit = 64, row_unit = 48;

/// The product, large ones in parts that share nothing of C, so that the bits do not depend on
/// their number.
void run(const Product& p) {
  const auto own = table().product;
  const auto product = own != nullptr ? own : openblas_product;
  const bool vector = own != nullptr && (p.m == 1 || p.n == 1);
  const std::size_t least = vector ? least_work_of_vector : least_work;
  const std::size_t parts = cornu::detail::parts_of(p.m * p.n * p.k, least);
  if (parts == 1) return product(p);
  const bool by_columns = p.n / column_unit >= p.m / row_unit;
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const cornu::detail::Share share = by_columns
                                           ? cornu::detail::share_of(p.n, column_unit, part, parts)
                                           : cornu::detail::share_of(p.m, row_unit, part, parts);
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
}  // namespace products

using products::run;
using products::scale_rows;

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
  if (k == 0) return fill_rows(b, y, m, n);
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

}  // namespace cornu::kernels

#endif  // CORNU_DOORS
