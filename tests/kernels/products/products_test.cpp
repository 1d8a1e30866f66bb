#include "cornu/kernels/products/products.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "cornu/core/random.hpp"
#include "cornu/kernels/products/reference.hpp"

using namespace cornu;
using kernels::Transpose;

namespace {

constexpr Scalar not_a_number = std::numeric_limits<Scalar>::quiet_NaN();

std::vector<Scalar> random_values(std::size_t n, std::uint64_t id) {
  std::vector<Scalar> values(n);
  RandomStream(1, Purpose::user, id).fill_uniform(values, -1, 1);
  return values;
}

/// A sum of k products of numbers below 1 in magnitude differs from the exact one by less.
double tolerance(std::size_t k) {
  return 4 * (static_cast<double>(k) + 4) * std::numeric_limits<Scalar>::epsilon();
}

void compare_gemm(Transpose ta, Transpose tb, std::size_t m, std::size_t n, std::size_t k,
                  Scalar alpha, Scalar beta, std::size_t padding) {
  CAPTURE(ta == Transpose::yes, tb == Transpose::yes, m, n, k, alpha, beta, padding);
  const std::size_t lda = (ta == Transpose::yes ? m : k) + padding;
  const std::size_t ldb = (tb == Transpose::yes ? k : n) + padding, ldc = n + padding;
  const auto a = random_values((ta == Transpose::yes ? k : m) * lda, 1);
  const auto b = random_values((tb == Transpose::yes ? n : k) * ldb, 2);
  std::vector<Scalar> c = random_values(m * ldc, 3);
  if (beta == 0) std::fill(c.begin(), c.end(), not_a_number);
  std::vector<Scalar> expected = c;
  kernels::gemm(ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
  kernels::reference::gemm(ta, tb, m, n, k, alpha, a.data(), lda, b.data(), ldb, beta,
                           expected.data(), ldc);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < ldc; ++j) {
      const double got = c[i * ldc + j], want = expected[i * ldc + j];
      if (j >= n)  // between the rows: untouched
        REQUIRE((got == want || (std::isnan(got) && std::isnan(want))));
      else
        REQUIRE(std::abs(got - want) <= tolerance(k));
    }
}

constexpr Transpose both[] = {Transpose::no, Transpose::yes};

}  // namespace

TEST_CASE("gemm equals its reference over transposes, sizes and leading dimensions") {
  for (const Transpose ta : both)
    for (const Transpose tb : both)
      for (const std::size_t m : {1, 2, 5, 13, 16, 33})
        for (const std::size_t n : {1, 3, 10, 16, 31, 64, 70})
          for (const std::size_t k : {1, 2, 7, 32, 65})
            for (const std::size_t padding : {0, 3}) compare_gemm(ta, tb, m, n, k, 1, 0, padding);
}

TEST_CASE("a vector times a large matrix, and the way back") {
  for (const std::size_t k : {256, 263, 1024})
    for (const std::size_t n : {256, 300, 1001})
      for (const Scalar beta : {Scalar(0), Scalar(0.5)}) {
        compare_gemm(Transpose::no, Transpose::no, 1, n, k, Scalar(0.7), beta, 3);
        compare_gemm(Transpose::yes, Transpose::no, 1, n, k, Scalar(0.7), beta, 3);
        compare_gemm(Transpose::yes, Transpose::no, n, 1, k, Scalar(0.7), beta, 0);
      }
}

TEST_CASE("gemm equals its reference for every alpha and beta") {
  for (const Transpose ta : both)
    for (const Transpose tb : both)
      for (const Scalar alpha : {Scalar(0), Scalar(1), Scalar(-0.5)})
        for (const Scalar beta : {Scalar(0), Scalar(1), Scalar(0.75)})
          for (const std::size_t side : {3, 20, 50})
            compare_gemm(ta, tb, side, side + 1, side + 2, alpha, beta, 1);
}

TEST_CASE("gemm equals its reference beyond the sizes of its blocks") {
  for (const Transpose ta : both)
    for (const Transpose tb : both) {
      compare_gemm(ta, tb, 200, 150, 700, 1, 1, 0);
      compare_gemm(ta, tb, 17, 1100, 90, 1, 0, 5);
      compare_gemm(ta, tb, 530, 33, 20, Scalar(0.5), 1, 0);
    }
}

TEST_CASE("products without rows, columns or terms") {
  const std::vector<Scalar> one(64, 1);
  for (const Transpose ta : both)
    for (const Transpose tb : both) {
      std::vector<Scalar> c(6, not_a_number);
      kernels::gemm(ta, tb, 0, 3, 2, 1, one.data(), 2, one.data(), 3, 0, c.data(), 3);
      kernels::gemm(ta, tb, 2, 0, 2, 1, one.data(), 2, one.data(), 2, 0, c.data(), 1);
      CHECK(std::isnan(c[0]));
      kernels::gemm(ta, tb, 2, 3, 0, 1, one.data(), 2, one.data(), 3, 0, c.data(), 3);
      for (const Scalar value : c) CHECK(value == 0);
      c.assign(6, 4);
      kernels::gemm(ta, tb, 2, 3, 0, 1, one.data(), 2, one.data(), 3, Scalar(0.5), c.data(), 3);
      for (const Scalar value : c) CHECK(value == 2);
    }
  std::vector<Scalar> y(3, not_a_number);
  kernels::gemv(Transpose::no, 0, 3, 1, one.data(), 3, one.data(), 0, y.data());
  CHECK(std::isnan(y[0]));
  kernels::gemv(Transpose::yes, 0, 3, 1, one.data(), 3, one.data(), 0, y.data());
  for (const Scalar value : y) CHECK(value == 0);
}

TEST_CASE("a product carries NaN and infinities on") {
  for (const std::size_t side : {2, 40}) {
    std::vector<Scalar> a(side * side, 1), b(side * side, 1), c(side * side);
    a[side + 1] = not_a_number;
    b[0] = std::numeric_limits<Scalar>::infinity();
    kernels::gemm(Transpose::no, Transpose::no, side, side, side, 1, a.data(), side, b.data(), side,
                  0, c.data(), side);
    CHECK(std::isinf(c[0]));
    CHECK(c[1] == Scalar(side));
    for (std::size_t j = 0; j < side; ++j) CHECK(std::isnan(c[side + j]));
  }
}

TEST_CASE("affine equals its reference") {
  for (const std::size_t m : {0, 1, 4, 33})
    for (const std::size_t n : {0, 1, 2, 10, 64, 130})
      for (const std::size_t k : {0, 1, 16, 300}) {
        CAPTURE(m, n, k);
        const auto x = random_values(m * k, 1), w = random_values(k * n, 2),
                   b = random_values(n, 3);
        std::vector<Scalar> y(m * n, not_a_number), expected(m * n);
        kernels::affine(m, n, k, x.data(), w.data(), b.data(), y.data());
        kernels::reference::affine(m, n, k, x.data(), w.data(), b.data(), expected.data());
        for (std::size_t i = 0; i < y.size(); ++i)
          REQUIRE(std::abs(static_cast<double>(y[i]) - expected[i]) <= tolerance(k));
      }
}

TEST_CASE("gemv equals its reference") {
  for (const Transpose ta : both)
    for (const std::size_t m : {1, 2, 7, 16, 33, 129})
      for (const std::size_t n : {1, 3, 16, 40, 257})
        for (const Scalar alpha : {Scalar(1), Scalar(-0.5)})
          for (const Scalar beta : {Scalar(0), Scalar(1), Scalar(0.75)})
            for (const std::size_t padding : {0, 2}) {
              const std::size_t lda = n + padding;
              const std::size_t inputs = ta == Transpose::yes ? m : n;
              const std::size_t outputs = ta == Transpose::yes ? n : m;
              const auto a = random_values(m * lda, 1), x = random_values(inputs, 2);
              std::vector<Scalar> y = random_values(outputs, 3);
              if (beta == 0) std::fill(y.begin(), y.end(), not_a_number);
              std::vector<Scalar> expected = y;
              kernels::gemv(ta, m, n, alpha, a.data(), lda, x.data(), beta, y.data());
              kernels::reference::gemv(ta, m, n, alpha, a.data(), lda, x.data(), beta,
                                       expected.data());
              CAPTURE(ta == Transpose::yes, m, n, alpha, beta, padding);
              for (std::size_t i = 0; i < outputs; ++i)
                REQUIRE(std::abs(static_cast<double>(y[i]) - expected[i]) <= tolerance(inputs));
            }
}

TEST_CASE("the same product has the same bits, on several threads at once too") {
  const std::size_t m = 64, n = 48, k = 200;
  const auto a = random_values(m * k, 1), b = random_values(k * n, 2);
  std::vector<std::vector<Scalar>> results(4, std::vector<Scalar>(m * n));
  std::vector<std::thread> threads;
  for (auto& c : results)
    threads.emplace_back([&] {
      kernels::gemm(Transpose::no, Transpose::no, m, n, k, 1, a.data(), k, b.data(), n, 0, c.data(),
                    n);
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& c : results) CHECK(c == results[0]);
}

TEST_CASE("the BLAS core has a name") { CHECK_FALSE(kernels::openblas_core().empty()); }
