#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/kernels/optimizers/optimizers.hpp"
#include "cornu/kernels/optimizers/reference.hpp"
#include "kernels/kernel_numbers.hpp"

using namespace cornu;

TEST_CASE("the optimizers' steps equal their references") {
  namespace reference = kernels::reference;
  for (const std::size_t n : {0, 1, 15, 16, 33, 1000, 100000}) {
    CAPTURE(n);
    const auto g = random_values(n, 1, 17);
    const auto start = random_values(n, 1, 18);
    std::vector<Scalar> squares(n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = start[i] * start[i];
    struct Arrays {
      std::vector<Scalar> p, m, v;
    };
    const Arrays before{start, start, squares};
    const auto same = [](const Arrays& a, const Arrays& b) {
      for (std::size_t i = 0; i < a.p.size(); ++i) {
        REQUIRE(std::abs(a.p[i] - b.p[i]) <= 8 * epsilon * (1 + std::abs(b.p[i])));
        REQUIRE(std::abs(a.m[i] - b.m[i]) <= 4 * epsilon);
        REQUIRE(std::abs(a.v[i] - b.v[i]) <= 4 * epsilon);
      }
    };
    const Scalar rate = Scalar(0.01), small = Scalar(0.1);
    Arrays got = before, expected = before;
    kernels::momentum_step(got.p.data(), g.data(), got.m.data(), Scalar(0.9), rate, n);
    reference::momentum_step(expected.p.data(), g.data(), expected.m.data(), Scalar(0.9), rate, n);
    same(got, expected);
    kernels::nesterov_step(got.p.data(), g.data(), got.m.data(), Scalar(0.9), rate, n);
    reference::nesterov_step(expected.p.data(), g.data(), expected.m.data(), Scalar(0.9), rate, n);
    same(got, expected);
    kernels::rmsprop_step(got.p.data(), g.data(), got.v.data(), 0.9, rate, small, n);
    reference::rmsprop_step(expected.p.data(), g.data(), expected.v.data(), 0.9, rate, small, n);
    same(got, expected);
    kernels::adagrad_step(got.p.data(), g.data(), got.v.data(), rate, small, n);
    reference::adagrad_step(expected.p.data(), g.data(), expected.v.data(), rate, small, n);
    same(got, expected);
    const auto both = [&](auto step, auto naive, auto... options) {
      got = expected = before;
      step(got.p.data(), g.data(), got.m.data(), got.v.data(), options..., rate, small, n);
      naive(expected.p.data(), g.data(), expected.m.data(), expected.v.data(), options..., rate,
            small, n);
      same(got, expected);
    };
    both(kernels::adam_step, reference::adam_step, 0.9, 0.999, Scalar(1));
    both(kernels::adam_step, reference::adam_step, 0.9, 0.999, Scalar(0.75));
    both(kernels::adamax_step, reference::adamax_step, 0.9, 0.999);
    const kernels::NadamFactors factors{0.9, 0.999, Scalar(0.4), Scalar(0.7), Scalar(1.5)};
    both(kernels::nadam_step, reference::nadam_step, factors);
    got.m = expected.m = squares;  // for mean squares of updates
    kernels::adadelta_step(got.p.data(), g.data(), got.v.data(), got.m.data(), 0.9, rate, small, n);
    reference::adadelta_step(expected.p.data(), g.data(), expected.v.data(), expected.m.data(), 0.9,
                             rate, small, n);
    same(got, expected);
  }
}

TEST_CASE("what an optimizer accumulated comes to zero without gradients, by no denormals") {
  const std::size_t n = 40;
  const std::vector<Scalar> g(n, 0);
  const Scalar least = std::numeric_limits<Scalar>::min(), rate = Scalar(0.01), small = Scalar(0.1);
  const auto settles = [&](auto step) {
    std::vector<Scalar> p(n, 1), first(n, 4 * least), second(n, 4 * least);
    for (int i = 0; i < 20; ++i) step(p.data(), first.data(), second.data());
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(first[i] == 0);
      REQUIRE(second[i] == 0);
    }
  };
  const kernels::NadamFactors factors{0.9, 0.5, 1, 1, 1};
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::momentum_step(p, g.data(), a, Scalar(0.9), rate, n);
    kernels::nesterov_step(p, g.data(), b, Scalar(0.9), rate, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::rmsprop_step(p, g.data(), a, 0.9, rate, small, n);
    kernels::reference::rmsprop_step(p, g.data(), b, 0.9, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adam_step(p, g.data(), a, b, 0.9, 0.5, 1, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adamax_step(p, g.data(), a, b, 0.9, 0.5, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::nadam_step(p, g.data(), a, b, factors, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adadelta_step(p, g.data(), a, b, 0.9, rate, small, n);
  });
}
