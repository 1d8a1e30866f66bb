// The differences of the gradient check, and what they say of their own errors.
#include "cornu/layers/checking/slope.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>

using cornu::detail::best_slope;
using cornu::detail::Slope;
using cornu::detail::slope;

namespace {

Slope slope_of(const std::function<double(double)>& loss, double h) {
  return slope([&](double t) { return std::pair{t, loss(t)}; }, loss(0), h, 0);
}

}  // namespace

TEST_CASE("a smooth function's slope is within its blur, which is small") {
  const Slope found = slope_of([](double t) { return std::exp(1 + t) + std::sin(3 * t); }, 0.03);
  const double exact = std::exp(1.0) + 3;
  CHECK(std::abs(found.value - exact) <= found.blur);
  CHECK(found.blur < 1e-3);
  CHECK(std::abs(found.value - exact) < 1e-8);
}

TEST_CASE("one kink or jump, wherever it is, is within the blur") {
  for (const double side : {-1.0, 1.0})
    for (int i = 0; i <= 1300; ++i) {
      const double at = i / 1000.0;
      const Slope kink =
          slope_of([&](double t) { return 2 * t + 5 * std::max(0.0, side * t - at); }, 1);
      INFO(side << " " << at);
      // On the kink itself both slopes are right.
      CHECK(std::abs(kink.value - 2) <= kink.blur + 1e-12);
      const Slope jump = slope_of([&](double t) { return 2 * t + (side * t > at ? 3 : 0); }, 1);
      if (at > 0) CHECK(std::abs(jump.value - 2) <= jump.blur + 1e-12);
    }
}

TEST_CASE("nearer points leave a kink behind") {
  const auto loss = [](double t) { return std::sin(t) + 4 * std::abs(t - 0.003); };
  const Slope found = best_slope(
      [&](double t) {
        return std::pair{t, loss(t)};
      },
      loss(0), 0.1, 1e-16, 1e-6);
  CHECK(std::abs(found.value + 3) < 1e-6);
  CHECK(found.error() < 1e-5);
}
