#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/core/threads.hpp"
#include "cornu/kernels/rows/reference.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "kernels/kernel_numbers.hpp"

using namespace cornu;

TEST_CASE("softmax and its derivative equal their references") {
  for (const std::size_t rows : {0, 1, 3, 128, 1025})
    for (const std::size_t columns : {1, 2, 10, 16, 33, 100, 3000}) {
      CAPTURE(rows, columns);
      const auto x = random_values(rows * columns, 10, 6), dy = random_values(rows * columns, 1, 7);
      std::vector<Scalar> y(x.size()), expected(x.size()), in_place = x;
      kernels::softmax(x.data(), y.data(), rows, columns);
      kernels::reference::softmax(x.data(), expected.data(), rows, columns);
      const double sum_error = 4 + std::sqrt(static_cast<double>(columns));
      for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(ulps(y[i], expected[i]) <= sum_error);
      kernels::softmax(in_place.data(), in_place.data(), rows, columns);
      REQUIRE(in_place == y);

      std::vector<Scalar> dx(x.size());
      in_place = dy;
      kernels::softmax_backward(y.data(), dy.data(), dx.data(), rows, columns);
      kernels::reference::softmax_backward(y.data(), dy.data(), expected.data(), rows, columns);
      for (std::size_t i = 0; i < x.size(); ++i)
        REQUIRE(dx[i] == Approx(expected[i]).margin(100 * std::numeric_limits<Scalar>::epsilon()));
      kernels::softmax_backward(y.data(), in_place.data(), in_place.data(), rows, columns);
      REQUIRE(in_place == dx);
    }
}

TEST_CASE("softmax at the ends") {
  std::vector<Scalar> x = {largest, 0, -largest, -infinity, 5, 5};
  kernels::softmax(x.data(), x.data(), 3, 2);
  CHECK(x == std::vector<Scalar>{1, 0, 1, 0, 0.5, 0.5});
  for (std::size_t at = 0; at < 40; ++at) {  // a NaN anywhere spoils its row, and only that
    std::vector<Scalar> y(80, 1);
    y[at] = not_a_number;
    kernels::softmax(y.data(), y.data(), 2, 40);
    for (std::size_t i = 0; i < 80; ++i) REQUIRE(std::isnan(y[i]) == (i < 40));
  }
  for (std::size_t at = 0; at < 400; ++at) {
    std::vector<Scalar> y(400, 1);
    y[at] = not_a_number;
    kernels::softmax(y.data(), y.data(), 40, 10);
    for (std::size_t i = 0; i < 400; ++i) REQUIRE(std::isnan(y[i]) == (i / 10 == at / 10));
  }
}

TEST_CASE("what is learnt by heart leaves no denormals") {
  const bool single = sizeof(Scalar) == 4;
  for (const std::size_t columns : {3, 10, 40}) {  // turned, and row by row
    const std::size_t rows = 20;
    std::vector<Scalar> p(rows * columns, single ? -95 : -730), t(p.size()), dz(p.size(), 1);
    for (std::size_t r = 0; r < rows; ++r) {
      p[r * columns] = 0, p[r * columns + 1] = single ? -86 : -707;  // the least normal outputs
      t[r * columns] = 1;
    }
    kernels::softmax(p.data(), p.data(), rows, columns);
    const std::vector<Scalar> weights(rows, 1);
    kernels::softmax_crossentropy_backward(t.data(), p.data(), weights.data(), rows, columns,
                                           dz.data());
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (i % columns == 0) REQUIRE(p[i] == 1);
      if (i % columns == 1) REQUIRE((p[i] >= tiny && p[i] < 1e-30));
      if (i % columns > 1) REQUIRE(p[i] == 0);
      REQUIRE(dz[i] == 0);
    }
  }
}

TEST_CASE("softmax and its loss have the same bits with any number of threads") {
  const std::size_t rows = 1001, columns = 70;
  const auto x = random_values(rows * columns, 5, 20), t = random_values(rows * columns, 1, 21),
             weights = random_values(rows, 1, 22);
  const auto all = [&](std::size_t threads) {
    set_num_threads(threads);
    std::vector<Scalar> y(x.size()), dx(x.size()), dz(x.size()), scores(rows);
    kernels::softmax(x.data(), y.data(), rows, columns);
    kernels::softmax_backward(y.data(), t.data(), dx.data(), rows, columns);
    kernels::categorical_crossentropy(t.data(), y.data(), rows, columns, Scalar(1e-7),
                                      scores.data());
    kernels::softmax_crossentropy_backward(t.data(), y.data(), weights.data(), rows, columns,
                                           dz.data());
    for (const auto& more : {dx, dz, scores}) y.insert(y.end(), more.begin(), more.end());
    return y;
  };
  const auto one = all(1), three = all(3);
  set_num_threads(0);
  CHECK(one == three);
}

TEST_CASE("the softmax of a row is the same wherever it stands") {
  for (const std::size_t columns : {1, 2, 7, 10, 16, 17, 31, 32, 33}) {
    constexpr std::size_t rows = 37;
    const auto x = random_values(rows * columns, 10, 8);
    std::vector<Scalar> together(x.size()), alone(x.size());
    kernels::softmax(x.data(), together.data(), rows, columns);
    for (std::size_t i = 0; i < x.size(); i += columns)
      kernels::softmax(x.data() + i, alone.data() + i, 1, columns);
    REQUIRE(together == alone);
  }
}

TEST_CASE("argmax equals its reference") {
  for (const std::size_t columns : {1, 2, 3, 10, 15, 16, 17, 33, 100, 3000}) {
    CAPTURE(columns);
    constexpr std::size_t rows = 71;
    std::vector<Scalar> x = random_values(rows * columns, 2, 10);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i % 3 != 0) x[i] = std::round(x[i]);  // so that many are equal
      if (i % 7 == 0) x[i] = i % 2 == 0 ? not_a_number : -infinity;
    }
    std::vector<std::size_t> at(rows), expected(rows);
    kernels::argmax(x.data(), rows, columns, at.data());
    kernels::reference::argmax(x.data(), rows, columns, expected.data());
    REQUIRE(at == expected);
    for (const std::size_t first : {std::size_t{0}, columns / 2, columns - 1}) {  // of several
      std::fill(x.begin(), x.end(), -infinity);
      for (std::size_t c = first; c < columns; ++c) x[c] = 3;
      kernels::argmax(x.data(), 1, columns, at.data());
      REQUIRE(at[0] == first);
      for (std::size_t c = 0; c < first; ++c) x[c] = not_a_number;
      kernels::argmax(x.data(), 1, columns, at.data());
      REQUIRE(at[0] == first);
    }
    for (const Scalar value : {-infinity, not_a_number}) {
      std::fill(x.begin(), x.end(), value);
      for (std::size_t r = 0; r < rows; ++r) x[r * columns] = not_a_number;
      kernels::argmax(x.data(), rows, columns, at.data());
      REQUIRE(std::count(at.begin(), at.end(), 0) == rows);
    }
  }
}

TEST_CASE("categorical cross-entropy and its derivative through softmax equal their references") {
  constexpr auto least = static_cast<Scalar>(1e-7);
  for (const std::size_t rows : {0, 1, 3, 32})
    for (const std::size_t columns : {2, 10, 16, 17, 100, 1000}) {
      CAPTURE(rows, columns);
      std::vector<Scalar> p = random_values(rows * columns, 1, 11);
      std::vector<Scalar> t = random_values(rows * columns, 1, 12);
      for (Scalar& value : p) value = value < Scalar(-0.5) ? 0 : std::abs(value);  // some clipped
      for (Scalar& value : t) value = value < 0 ? 0 : value;
      std::vector<Scalar> scores(rows), expected(rows);
      kernels::categorical_crossentropy(t.data(), p.data(), rows, columns, least, scores.data());
      kernels::reference::categorical_crossentropy(t.data(), p.data(), rows, columns, least,
                                                   expected.data());
      for (std::size_t r = 0; r < rows; ++r)
        REQUIRE(scores[r] == Approx(expected[r]).epsilon(20 * epsilon).margin(epsilon));

      const std::vector<Scalar> weights = random_values(rows, 1, 13);
      std::vector<Scalar> dz(p.size()), expected_dz(p.size());
      kernels::softmax_crossentropy_backward(t.data(), p.data(), weights.data(), rows, columns,
                                             dz.data());
      kernels::reference::softmax_crossentropy_backward(t.data(), p.data(), weights.data(), rows,
                                                        columns, expected_dz.data());
      for (std::size_t i = 0; i < dz.size(); ++i)
        REQUIRE(dz[i] == Approx(expected_dz[i]).epsilon(200 * epsilon).margin(epsilon));
    }
}

TEST_CASE("categorical cross-entropy at the ends") {
  constexpr auto least = static_cast<Scalar>(1e-7);
  const Scalar t[] = {1, 0, 1, 0, 1, 0, 0, 0}, p[] = {0, 0, 1, 0, 0, not_a_number, 1, 1};
  Scalar scores[4];
  kernels::categorical_crossentropy(t, p, 4, 2, least, scores);
  CHECK(scores[0] == Approx(-std::log(least)));  // nothing to divide by
  CHECK(scores[1] == Approx(-std::log1p(-least)).epsilon(0.3));
  CHECK(std::isnan(scores[2]));  // even where t is 0: the row's sum is no number
  CHECK(scores[3] == 0);
  CHECK_FALSE(std::signbit(scores[3]));

  std::vector<Scalar> many_t, many_p, many_scores(400);
  for (int i = 0; i < 100; ++i) {
    many_t.insert(many_t.end(), t, t + 8);
    many_p.insert(many_p.end(), p, p + 8);
  }
  kernels::categorical_crossentropy(many_t.data(), many_p.data(), 400, 2, least,
                                    many_scores.data());
  for (std::size_t r = 0; r < 400; ++r) {
    if (r % 4 == 2)
      REQUIRE(std::isnan(many_scores[r]));
    else
      REQUIRE(many_scores[r] == scores[r % 4]);
    REQUIRE_FALSE(std::signbit(many_scores[r]));
  }
}

TEST_CASE("rows and columns") {
  for (const std::size_t rows : {0, 1, 2, 4, 5, 7, 130})
    for (const std::size_t columns : {0, 1, 2, 10, 16, 17, 64, 1000, 3000}) {
      CAPTURE(rows, columns);
      const auto row = random_values(columns, 1, 8);
      std::vector<Scalar> y(rows * columns + 1, 7), expected(rows * columns);
      kernels::fill_rows(row.data(), y.data(), rows, columns);
      kernels::reference::fill_rows(row.data(), expected.data(), rows, columns);
      REQUIRE(y.back() == 7);
      y.pop_back();
      REQUIRE(y == expected);

      const auto x = random_values(rows * columns, 1, 9);
      std::vector<Scalar> sums = row, expected_sums = row;
      kernels::add_column_sums(x.data(), sums.data(), rows, columns);
      kernels::reference::add_column_sums(x.data(), expected_sums.data(), rows, columns);
      for (std::size_t c = 0; c < columns; ++c)
        REQUIRE(sums[c] == Approx(expected_sums[c])
                               .margin(static_cast<double>(rows + 1) *
                                       std::numeric_limits<Scalar>::epsilon()));
    }
}

TEST_CASE("gathered rows are the rows") {
  for (const std::size_t columns : {1, 3, 64, 784, 3000}) {
    const std::size_t n = 50;
    const auto x = random_values(n * columns, 1, 21);
    std::vector<std::size_t> order(n);
    for (std::size_t r = 0; r < n; ++r) order[r] = (r * 37 + 11) % n;
    std::vector<Scalar> got(n * columns), expected(n * columns);
    for (std::size_t first = 0; first < n; first += 20) {
      const std::size_t rows = std::min<std::size_t>(20, n - first);
      const std::size_t* const some = order.data() + first;
      Scalar *const to = got.data() + first * columns, *const e = expected.data() + first * columns;
      kernels::gather_rows(x.data(), some, rows, columns, to);
      kernels::reference::gather_rows(x.data(), some, rows, columns, e);
    }
    CHECK(got == expected);
  }
}
