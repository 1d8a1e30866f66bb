#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/core/threads.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/kernels/normalization/reference.hpp"
#include "kernels/kernel_numbers.hpp"

using namespace cornu;

namespace {

/// All within so many times the distance from 1 to the next number.
void near(const std::vector<Scalar>& got, const std::vector<Scalar>& expected, double epsilons) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i]) <= epsilons * epsilon);
}

}  // namespace

TEST_CASE("sums and maps along channels") {
  using kernels::Channels;
  const Channels examples[] = {{1, 1, 1},  {4, 16, 1},   {5, 3, 1},     {32, 70, 1}, {130, 128, 1},
                               {3, 4, 25}, {2, 100, 40}, {200, 500, 1}, {2, 7, 9000}};
  for (const Channels& channels : examples) {
    CAPTURE(channels.outer, channels.count, channels.inner);
    const std::size_t members = channels.outer * channels.inner, n = members * channels.count;
    std::vector<Scalar> x = random_values(n, 1, 12);
    for (Scalar& value : x) value += 3;
    const auto dy = random_values(n, 1, 13), a = random_values(channels.count, 1, 14),
               b = random_values(channels.count, 1, 15), c = random_values(channels.count, 1, 16);
    std::vector<Scalar> means(channels.count), expected(channels.count);
    kernels::channel_means(x.data(), channels, means.data());
    kernels::reference::channel_means(x.data(), channels, expected.data());
    near(means, expected, 8 * (4 + 0.01 * static_cast<double>(members)));

    std::vector<Scalar> variances(channels.count);
    kernels::channel_variances(x.data(), channels, means.data(), variances.data());
    kernels::reference::channel_variances(x.data(), channels, means.data(), expected.data());
    near(variances, expected, 8 * (4 + 0.01 * static_cast<double>(members)));

    std::vector<Scalar> sums(channels.count), expected_sums(channels.count);
    kernels::channel_products(x.data(), dy.data(), channels, means.data(), variances.data(),
                              sums.data());
    kernels::reference::channel_products(x.data(), dy.data(), channels, means.data(),
                                         expected.data(), expected_sums.data());
    near(variances, expected, 8 * (4 + static_cast<double>(members)));
    near(sums, expected_sums, 8 * (4 + static_cast<double>(members)));

    std::vector<Scalar> y(n), expected_y(n);
    kernels::channel_scale(x.data(), channels, means.data(), a.data(), b.data(), y.data());
    kernels::reference::channel_scale(x.data(), channels, means.data(), a.data(), b.data(),
                                      expected_y.data());
    near(y, expected_y, 32);
    kernels::channel_combine(x.data(), dy.data(), channels, means.data(), c.data(), a.data(),
                             b.data(), y.data());
    kernels::reference::channel_combine(x.data(), dy.data(), channels, means.data(), c.data(),
                                        a.data(), b.data(), expected_y.data());
    near(y, expected_y, 32);
    std::vector<Scalar> in_place = dy;
    kernels::channel_combine(x.data(), in_place.data(), channels, means.data(), c.data(), a.data(),
                             b.data(), in_place.data());
    REQUIRE(in_place == y);

    std::fill(x.begin(), x.end(), Scalar(0.1));
    kernels::channel_means(x.data(), channels, means.data());
    for (const Scalar mean : means) REQUIRE(mean == Scalar(0.1));
  }
  kernels::channel_means(nullptr, {0, 3, 1}, nullptr);  // no members: nothing is touched
}

TEST_CASE("normalization of rows and the way back equal their references") {
  for (const std::size_t rows : {1, 3, 100})
    for (const std::size_t columns : {1, 2, 10, 16, 17, 64, 100, 1000}) {
      CAPTURE(rows, columns);
      const std::size_t n = rows * columns;
      std::vector<Scalar> x = random_values(n, 2, 21);
      for (Scalar& value : x) value += 5;
      std::fill_n(x.end() - static_cast<std::ptrdiff_t>(columns), columns, Scalar(0.1));
      const auto dy = random_values(n, 1, 22), gamma = random_values(columns, 1, 23),
                 beta = random_values(columns, 1, 24);
      constexpr Scalar little = 1e-3;
      std::vector<Scalar> means(rows), deviations(rows), y(n), expected_means(rows),
          expected_deviations(rows), expected_y(n);
      kernels::normalize_rows(x.data(), rows, columns, gamma.data(), beta.data(), little,
                              means.data(), deviations.data(), y.data());
      kernels::reference::normalize_rows(x.data(), rows, columns, gamma.data(), beta.data(), little,
                                         expected_means.data(), expected_deviations.data(),
                                         expected_y.data());
      near(means, expected_means, 50);
      REQUIRE(means.back() == Scalar(0.1));
      near(deviations, expected_deviations, 50);
      REQUIRE(deviations.back() == 0);
      near(y, expected_y, 500);
      std::vector<Scalar> in_place = x;
      kernels::normalize_rows(in_place.data(), rows, columns, gamma.data(), beta.data(), little,
                              nullptr, nullptr, in_place.data());
      REQUIRE(in_place == y);

      const auto before = random_values(columns, 1, 25);  // gradients are added to
      std::vector<Scalar> dgamma = before, dbeta = before, dx(n), expected_dgamma = before,
                          expected_dbeta = before, expected_dx(n);
      kernels::normalize_rows_backward(x.data(), dy.data(), rows, columns, gamma.data(),
                                       means.data(), deviations.data(), little, dgamma.data(),
                                       dbeta.data(), dx.data());
      kernels::reference::normalize_rows_backward(
          x.data(), dy.data(), rows, columns, gamma.data(), means.data(), deviations.data(), little,
          expected_dgamma.data(), expected_dbeta.data(), expected_dx.data());
      near(dgamma, expected_dgamma, 50 + 10 * static_cast<double>(rows));
      near(dbeta, expected_dbeta, 50 + 10 * static_cast<double>(rows));
      // Where a row of two numbers lies close together, all but little of dx cancels.
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c) {
          const double got = dx[r * columns + c], expected = expected_dx[r * columns + c];
          REQUIRE(std::abs(got - expected) <=
                  100 * epsilon * (1 + 1 / (static_cast<double>(deviations[r]) + little)));
        }
      for (std::size_t c = 0; c < columns; ++c) REQUIRE(dx[n - 1 - c] == 0);
      std::vector<Scalar> alone = dy;  // in place, and no gradients of parameters
      kernels::normalize_rows_backward(x.data(), alone.data(), rows, columns, gamma.data(),
                                       means.data(), deviations.data(), little, nullptr, nullptr,
                                       alone.data());
      REQUIRE(alone == dx);
    }
}

TEST_CASE("the way back through normalized rows has the same bits with any number of threads") {
  const std::size_t rows = 301, columns = 700;
  const auto x = random_values(rows * columns, 5, 30), dy = random_values(rows * columns, 1, 31),
             gamma = random_values(columns, 1, 32);
  const auto little = static_cast<Scalar>(1e-6);
  const auto all = [&](std::size_t threads) {
    set_num_threads(threads);
    std::vector<Scalar> means(rows), deviations(rows), y(x.size()), dx = dy, dgamma(columns, 1),
                                                                    dbeta(columns, 2);
    kernels::normalize_rows(x.data(), rows, columns, gamma.data(), gamma.data(), little,
                            means.data(), deviations.data(), y.data());
    kernels::normalize_rows_backward(x.data(), dx.data(), rows, columns, gamma.data(), means.data(),
                                     deviations.data(), little, dgamma.data(), dbeta.data(),
                                     dx.data());
    for (const auto& more : {dx, dgamma, dbeta}) y.insert(y.end(), more.begin(), more.end());
    return y;
  };
  const auto one = all(1), three = all(3);
  set_num_threads(0);
  CHECK(one == three);
}
