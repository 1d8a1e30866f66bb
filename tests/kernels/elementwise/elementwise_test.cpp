#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/elementwise/reference.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/kernel_numbers.hpp"

using namespace cornu;

namespace {

using Map = void (*)(const Scalar*, Scalar*, std::size_t);
using Map2 = void (*)(const Scalar*, const Scalar*, Scalar*, std::size_t);

/// Numbers of every magnitude and both signs, and all that is special.
std::vector<Scalar> sample() {
  std::vector<Scalar> x = {0, -Scalar(0), smallest, -smallest, tiny,     -tiny,     tiny / 2,
                           1, -1,         largest,  -largest,  infinity, -infinity, not_a_number};
  for (const Scalar width :
       {Scalar(1e-5), Scalar(0.1), Scalar(1), Scalar(20), Scalar(110), Scalar(800)})
    for (const Scalar value : random_values(20000, width, 1)) x.push_back(value);
  for (const Scalar exponent : random_values(20000, sizeof(Scalar) == 4 ? 37 : 300, 2))
    x.push_back(std::pow(Scalar(10), exponent));
  return x;
}

}  // namespace

TEST_CASE("the elementary functions are accurate everywhere") {
  struct Function {
    const char* name;
    Map kernel;
    long double (*exact)(long double);
    double most_ulps;  // as kernels/elementwise/elementwise.hpp states
  };
  const Function functions[] = {
      {"exp", kernels::exp, [](long double x) { return std::exp(x); }, 1.1},
      {"tanh", kernels::tanh, [](long double x) { return std::tanh(x); }, 2.1},
      {"sigmoid", kernels::sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); }, 2.5},
      {"softplus", kernels::softplus,
       [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); }, 2.8},
      {"softsign", kernels::softsign,
       [](long double x) { return std::isinf(x) ? std::copysign(1.0L, x) : x / (1 + std::abs(x)); },
       1.5},
      {"relu", kernels::relu, [](long double x) { return x < 0 ? 0 : x; }, 0},
  };
  const std::vector<Scalar> x = sample();
  std::vector<Scalar> y(x.size());
  for (const Function& function : functions) {
    function.kernel(x.data(), y.data(), x.size());
    double worst = 0;
    Scalar at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      long double exact = function.exact(x[i]);
      if (std::isnan(x[i])) exact = not_a_number;
      if (const double error = ulps(y[i], exact); error > worst) worst = error, at = x[i];
    }
    CAPTURE(function.name, at);
    CHECK(worst <= function.most_ulps);
  }
}

TEST_CASE("odd functions keep the sign of zero") {
  const Scalar x[] = {0, -Scalar(0)};
  Scalar y[2];
  for (const Map function : {kernels::tanh, kernels::softsign}) {
    function(x, y, 2);
    CHECK_FALSE(std::signbit(y[0]));
    CHECK(std::signbit(y[1]));
  }
}

TEST_CASE("element-wise kernels equal their references at any length and alignment, and in place") {
  const std::pair<Map, Map> maps[] = {
      {kernels::relu, kernels::reference::relu},
      {kernels::tanh, kernels::reference::tanh},
      {kernels::sigmoid, kernels::reference::sigmoid},
      {kernels::hard_sigmoid, kernels::reference::hard_sigmoid},
      {kernels::softplus, kernels::reference::softplus},
      {kernels::softsign, kernels::reference::softsign},
      {kernels::exp, kernels::reference::exp},
  };
  std::vector<Scalar> x = random_values(200, 6, 3);
  x[5] = not_a_number;
  x[77] = infinity;
  x[78] = -infinity;
  x[40] = smallest;
  for (std::size_t map = 0; map < std::size(maps); ++map)
    for (const std::size_t n : {0, 1, 2, 7, 15, 16, 17, 31, 64, 100, 129})
      for (const std::size_t offset : {0, 1, 3}) {
        CAPTURE(map, n, offset);
        std::vector<Scalar> y(n + 1, 7), expected(n);
        maps[map].first(x.data() + offset, y.data(), n);
        maps[map].second(x.data() + offset, expected.data(), n);
        for (std::size_t i = 0; i < n; ++i)  // hard_sigmoid's 0.2 x + 0.5 cancels digits
          REQUIRE((ulps(y[i], expected[i]) <= 4 || std::abs(y[i] - expected[i]) <= epsilon));
        REQUIRE(y[n] == 7);
        std::vector<Scalar> in_place(x.begin(), x.end());
        maps[map].first(in_place.data() + offset, in_place.data() + offset, n);
        if (n != 0)
          REQUIRE(std::memcmp(in_place.data() + offset, y.data(), n * sizeof(Scalar)) == 0);
      }
}

TEST_CASE("the derivatives equal their references at any length and alignment, and in place") {
  const std::pair<Map2, Map2> maps[] = {
      {kernels::relu_backward, kernels::reference::relu_backward},
      {kernels::tanh_backward, kernels::reference::tanh_backward},
      {kernels::sigmoid_backward, kernels::reference::sigmoid_backward},
      {kernels::hard_sigmoid_backward, kernels::reference::hard_sigmoid_backward},
      {kernels::softplus_backward, kernels::reference::softplus_backward},
      {kernels::softsign_backward, kernels::reference::softsign_backward},
      {kernels::add, kernels::reference::add},
      {kernels::multiply, kernels::reference::multiply},
  };
  std::vector<Scalar> y = random_values(200, 1, 4), dy = random_values(200, 3, 5);
  for (std::size_t i = 0; i < 20; ++i) y[i] = Scalar(i % 5 == 0 ? 0 : i % 5 == 1 ? 1 : 1e-6);
  for (Scalar& value : y) value = std::abs(value);  // softplus's y is never negative
  dy[30] = not_a_number;
  dy[31] = infinity;
  for (std::size_t map = 0; map < std::size(maps); ++map)
    for (const std::size_t n : {0, 1, 2, 7, 15, 16, 17, 31, 64, 100, 129})
      for (const std::size_t offset : {0, 1, 3}) {
        CAPTURE(map, n, offset);
        std::vector<Scalar> dx(n + 1, 7), expected(n);
        maps[map].first(y.data() + offset, dy.data() + offset, dx.data(), n);
        maps[map].second(y.data() + offset, dy.data() + offset, expected.data(), n);
        for (std::size_t i = 0; i < n; ++i) REQUIRE(ulps(dx[i], expected[i]) <= 4);
        REQUIRE(dx[n] == 7);
        std::vector<Scalar> in_place = dy;
        maps[map].first(y.data() + offset, in_place.data() + offset, in_place.data() + offset, n);
        for (std::size_t i = 0; i < n; ++i)
          REQUIRE((in_place[offset + i] == dx[i] || std::isnan(dx[i])));
      }
}

TEST_CASE("softplus's derivative keeps its digits where it is small") {
  // softplus'(x) = sigmoid(x) is close to y itself for very negative x.
  for (const Scalar y : {Scalar(1e-3), Scalar(1e-6), Scalar(1e-20), smallest}) {
    const Scalar dy = 1;
    Scalar dx = 0;
    kernels::softplus_backward(&y, &dy, &dx, 1);
    CHECK(ulps(dx, -std::expm1(-static_cast<long double>(y))) <= 2);
  }
}

TEST_CASE("whole arrays") {
  const auto x = random_values(1000, 1, 10), y = random_values(1000, 1, 11);
  for (const std::size_t n : {0, 1, 15, 16, 33, 1000}) {
    CAPTURE(n);
    std::vector<Scalar> sum = y, expected = y;
    kernels::add_scaled(Scalar(-0.5), x.data(), sum.data(), n);
    kernels::reference::add_scaled(Scalar(-0.5), x.data(), expected.data(), n);
    for (std::size_t i = 0; i < y.size(); ++i)
      REQUIRE(sum[i] == Approx(expected[i]).margin(std::numeric_limits<Scalar>::epsilon()));
    CHECK(kernels::sum_of_squares(x.data(), n) ==
          Approx(kernels::reference::sum_of_squares(x.data(), n)).epsilon(1e-13));

    CHECK(kernels::all_finite(x.data(), n));
    CHECK(kernels::all_within(x.data(), n, -1, 1));
    for (const Scalar special : {infinity, -infinity, not_a_number, Scalar(1.5), Scalar(-1.5)})
      for (std::size_t at = 0; at < n; at += 7) {
        std::vector<Scalar> spoilt = x;
        spoilt[at] = special;
        REQUIRE(kernels::all_finite(spoilt.data(), n) == std::isfinite(special));
        for (const auto within : {kernels::all_within, kernels::reference::all_within}) {
          REQUIRE_FALSE(within(spoilt.data(), n, -1, 1));
          REQUIRE(within(spoilt.data(), n, -2, 2) == std::isfinite(special));
        }
      }
  }
  const Scalar extremes[] = {largest, -largest, smallest, 0};
  CHECK(kernels::all_finite(extremes, 4));
  CHECK(kernels::all_within(extremes, 4, -largest, largest));
  CHECK_FALSE(kernels::all_within(extremes, 4, smallest, largest));
  if (sizeof(Scalar) == 4) CHECK(kernels::sum_of_squares(extremes, 4) > 1e76);  // no float overflow
}
