// Regularizers, constraints and activations by name.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/parts/activation_function.hpp"
#include "cornu/layers/parts/constraint.hpp"
#include "cornu/layers/parts/regularizer.hpp"

using cornu::Scalar;
using cornu::Shape;
using cornu::Tensor;
using nlohmann::json;

namespace {

const double digits = sizeof(Scalar) == 8 ? 1e-9 : 1e-6;

Tensor projected(const cornu::Constraint& constraint, Tensor weight) {
  constraint->check(weight.shape());
  constraint->apply(weight.view());
  return weight;
}

void expect_near(const Tensor& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(got.data()[i] == Approx(expected[i]).margin(digits));
}

}  // namespace

TEST_CASE("penalties: l1 * sum|w| + l2 * sum w^2 and its derivative") {
  const std::vector<Scalar> w = {2, -3, 0, Scalar(0.5)};
  CHECK(cornu::l1(0.1)->value(w) == Approx(0.55));
  CHECK(cornu::l2(0.1)->value(w) == Approx(1.325));
  CHECK(cornu::l1l2(1, 2)->value(w) == Approx(5.5 + 26.5));
  CHECK(cornu::activity_l1l2(1, 2)->value(w) == Approx(32));
  CHECK(cornu::Regularizer("l2")->value(w) == Approx(0.1325));
  std::vector<Scalar> gradient = {1, 1, 1, 1};
  cornu::l1l2(1, 2)->add_gradient(w, Scalar(0.5), gradient);
  CHECK(gradient == std::vector<Scalar>{Scalar(5.5), Scalar(-5.5), 1, Scalar(2.5)});
}

TEST_CASE("regularizers in configs, as Keras writes them") {
  cornu::Regularizer r;
  CHECK(r.to_json().is_null());
  r.assign({{"name", "WeightRegularizer"}, {"l1", 0.01}, {"l2", 0.02}});
  CHECK(r.to_json() == json({{"name", "WeightRegularizer"}, {"l1", 0.01}, {"l2", 0.02}}));
  r.assign({{"name", "l2"}, {"l", 0.5}});
  CHECK(r.to_json() == json({{"name", "WeightRegularizer"}, {"l1", 0.0}, {"l2", 0.5}}));
  r.assign("l1l2");
  CHECK(r.to_json() == json({{"name", "WeightRegularizer"}, {"l1", 0.01}, {"l2", 0.01}}));
  r.assign(nullptr);
  CHECK_FALSE(r);
  cornu::ActivityRegularizer a = "activity_l1";
  CHECK(a.to_json() == json({{"name", "ActivityRegularizer"}, {"l1", 0.01}, {"l2", 0.0}}));
  a.assign({{"name", "ActivityRegularizer"}, {"l1", 0}, {"l2", 2}});
  CHECK(a.to_json() == json({{"name", "ActivityRegularizer"}, {"l1", 0.0}, {"l2", 2.0}}));

  // What fails leaves the choice as it was.
  const json before = a.to_json();
  CHECK_THROWS_WITH(a.assign("l2"), Catch::Contains("activity_regularizer is expected"));
  CHECK_THROWS_WITH(r.assign("activity_l2"), Catch::Contains("W_regularizer is expected"));
  CHECK_THROWS_WITH(r.assign("l3"), Catch::Contains("'l1'") || Catch::Contains("'l2'"));
  CHECK_THROWS_AS(a.assign({{"name", "ActivityRegularizer"}, {"l1", -1}}), cornu::ConfigError);
  CHECK_THROWS_AS(a.assign({{"name", "ActivityRegularizer"}, {"l", 1}}), cornu::Error);
  CHECK_THROWS_AS(a.assign(3), cornu::Error);
  CHECK(a.to_json() == before);
  CHECK_THROWS_AS(cornu::l2(-0.1), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::l1(INFINITY), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::l1(NAN), cornu::ConfigError);
}

TEST_CASE("a penalty of the user's own") {
  struct Fourth final : cornu::Penalty {
    double value(cornu::ConstArray values) const override {
      double sum = 0;
      for (const Scalar v : values) sum += std::pow(static_cast<double>(v), 4);
      return sum;
    }
    void add_gradient(cornu::ConstArray values, Scalar scale,
                      cornu::Array gradient) const override {
      for (std::size_t i = 0; i < values.size(); ++i)
        gradient[i] += scale * 4 * values[i] * values[i] * values[i];
    }
    json to_json() const override { return {{"name", "fourth"}}; }
  };
  cornu::register_regularizer("fourth", std::make_shared<Fourth>());
  cornu::Regularizer r = "fourth";
  CHECK(r->value(std::vector<Scalar>{2}) == 16);
  cornu::Regularizer again;
  again.assign(r.to_json());
  CHECK(again->value(std::vector<Scalar>{2}) == 16);
  CHECK_THROWS_AS(again.assign({{"name", "fourth"}, {"l", 2}}), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::register_regularizer("l2", std::make_shared<Fourth>()),
                  cornu::ConfigError);
  CHECK_THROWS_AS(cornu::register_regularizer("null", nullptr), cornu::ConfigError);
}

TEST_CASE("constraints: Keras's numbers") {
  const Tensor w(Shape{2, 2}, std::vector<Scalar>{3, 1, 4, 0});
  expect_near(projected("maxnorm", w), {1.199999976, 0.9999999, 1.599999968, 0});
  expect_near(projected("unitnorm", w), {0.599999988, 0.9999999, 0.799999984, 0});
  const Tensor signs(Shape{3}, std::vector<Scalar>{-2, 0, 5});
  expect_near(projected("nonneg", signs), {0, 0, 5});
  // tests/keras/test_constraints.py: the column (3, 3, 3) becomes 2 / sqrt(3) each.
  const Tensor columns(Shape{3, 4}, std::vector<Scalar>{0, 1, 3, 3, 0, 1, 3, 3, 0, 1, 3, 3});
  const double r = 2 / std::sqrt(3.0), digits_of_fuzz = 1e-6;
  const Tensor bounded = projected(cornu::maxnorm(2), columns);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(bounded(i, 0) == 0);
    CHECK(bounded(i, 1) == Approx(1).margin(digits_of_fuzz));
    CHECK(bounded(i, 2) == Approx(r).margin(digits_of_fuzz));
  }
}

// tests/keras/test_constraints.py, with its 100 x 100 numbers in [-50, 50).
TEST_CASE("constraints of large weights") {
  Tensor w(Shape{100, 100});
  cornu::RandomStream(3537, cornu::Purpose::user).fill_uniform(w.array(), -50, 50);
  for (const double m : {0.1, 0.5, 3.0, 8.0, 1e-7})
    for (const cornu::Scalar v : projected(cornu::maxnorm(m), w)) REQUIRE(v < m);
  const Tensor positive = projected(cornu::nonneg(), w), unit = projected(cornu::unitnorm(), w);
  CHECK(*std::min_element(positive.begin(), positive.end()) == 0);
  for (std::size_t j = 0; j < 100; ++j) {
    double squares = 0;
    for (std::size_t i = 0; i < 100; ++i) squares += static_cast<double>(unit(i, j)) * unit(i, j);
    CHECK(std::sqrt(squares) == Approx(1).margin(1e-4));
  }
}

// The groups are named by brute force here: every element is visited for every element.
TEST_CASE("norms over any axes") {
  const Shape shape{3, 2, 70};
  Tensor w(shape);
  for (std::size_t i = 0; i < w.size(); ++i)
    w.data()[i] = static_cast<Scalar>(std::sin(static_cast<double>(i) * 1.7) * 3);
  const auto index = [&](std::size_t i) {
    return std::array<std::size_t, 3>{i / 140, i / 70 % 2, i % 70};
  };
  const std::vector<std::vector<int>> all_axes = {{0},    {1},    {2},       {-1},   {0, 1},
                                                  {1, 2}, {0, 2}, {0, 1, 2}, {-3, 2}};
  for (const std::vector<int>& axes : all_axes) {
    const Tensor got = projected(cornu::unitnorm(axes), w);
    bool reduced[3] = {};
    for (const int axis : axes) reduced[axis < 0 ? axis + 3 : axis] = true;
    double worst = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      double squares = 0;
      for (std::size_t j = 0; j < w.size(); ++j) {
        bool together = true;
        for (std::size_t a = 0; a < 3; ++a)
          together = together && (reduced[a] || index(i)[a] == index(j)[a]);
        if (together) squares += static_cast<double>(w.data()[j]) * w.data()[j];
      }
      const double expected = w.data()[i] / (1e-7 + std::sqrt(squares));
      worst = std::max(worst, std::abs(got.data()[i] - expected));
    }
    CHECK(worst < digits);
  }
}

TEST_CASE("constraints in configs, as Keras writes them") {
  cornu::Constraint c;
  CHECK(c.to_json().is_null());
  c.assign({{"name", "MaxNorm"}, {"m", 3}, {"axis", 0}});
  CHECK(c.to_json() == json({{"name", "MaxNorm"}, {"m", 3.0}, {"axis", 0}}));
  c.assign({{"name", "maxnorm"}, {"axis", {0, 1}}});
  CHECK(c.to_json() == json({{"name", "MaxNorm"}, {"m", 2.0}, {"axis", {0, 1}}}));
  c.assign("unitnorm");
  CHECK(c.to_json() == json({{"name", "UnitNorm"}, {"axis", 0}}));
  c.assign({{"name", "NonNeg"}});
  CHECK(c.to_json() == json({{"name", "NonNeg"}}));
  CHECK_THROWS_WITH(c.assign("maxnrom"), Catch::Contains("'maxnorm'"));
  CHECK_THROWS_AS(c.assign({{"name", "NonNeg"}, {"m", 2}}), cornu::Error);
  CHECK_THROWS_AS(c.assign({{"name", "MaxNorm"}, {"m", 0}}), cornu::ConfigError);
  CHECK_THROWS_AS(c.assign({{"name", "MaxNorm"}, {"axis", 99}}), cornu::ConfigError);
  CHECK_THROWS_AS(c.assign({{"name", "MaxNorm"}, {"axis", 0.5}}), cornu::ConfigError);
  CHECK_THROWS_AS(c.assign({{"name", "MaxNorm"}, {"axis", json::array()}}), cornu::ConfigError);
  CHECK(c.to_json() == json({{"name", "NonNeg"}}));
  CHECK_THROWS_AS(cornu::maxnorm(-1), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::maxnorm(2, {2})->check(Shape{3, 3}), cornu::ShapeError);
  CHECK_THROWS_AS(cornu::unitnorm({-3})->check(Shape{3, 3}), cornu::ShapeError);
}

TEST_CASE("activations: Keras's test values") {
  const std::vector<double> x = {0, 0.1, 0.5, 0.9, 1, -2};
  const auto expect = [&](const char* name, auto reference) {
    Tensor in(Shape{2, 3}), out(Shape{2, 3});
    for (std::size_t i = 0; i < x.size(); ++i) in.data()[i] = static_cast<Scalar>(x[i]);
    cornu::ActivationName(name).function().forward(in.view(), out.view());
    INFO(name);
    for (std::size_t i = 0; i < x.size(); ++i)
      CHECK(out.data()[i] == Approx(reference(x[i])).margin(digits));
  };
  expect("linear", [](double v) { return v; });
  expect("relu", [](double v) { return std::max(v, 0.0); });
  expect("tanh", [](double v) { return std::tanh(v); });
  expect("sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); });
  expect("hard_sigmoid", [](double v) { return std::clamp(0.2 * v + 0.5, 0.0, 1.0); });
  expect("softplus", [](double v) { return std::log1p(std::exp(v)); });
  expect("softsign", [](double v) { return v / (1 + std::abs(v)); });
}

TEST_CASE("softmax over the last axis, of two and three axes only") {
  for (const Shape& shape : {Shape{4, 3}, Shape{2, 2, 3}}) {
    Tensor x(shape), y(shape);
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<Scalar>(i % 5) - 2;
    const cornu::ActivationName softmax = "softmax";
    softmax.function().check(shape.without_samples());
    softmax.function().forward(x.view(), y.view());
    for (std::size_t row = 0; row < 4; ++row) {
      double sum = 0;
      for (std::size_t j = 0; j < 3; ++j)
        sum += std::exp(static_cast<double>(x.data()[row * 3 + j]));
      for (std::size_t j = 0; j < 3; ++j)
        CHECK(y.data()[row * 3 + j] == Approx(std::exp(x.data()[row * 3 + j]) / sum).margin(1e-6));
    }
  }
  CHECK_THROWS_AS(cornu::ActivationName("softmax").function().check(Shape{2, 3, 4}),
                  cornu::ShapeError);
  CHECK_THROWS_AS(cornu::ActivationName("softmax").function().check(Shape{}), cornu::ShapeError);
}

TEST_CASE("activations by name") {
  CHECK_THROWS_WITH(cornu::ActivationName("rleu"), Catch::Contains("'relu'"));
  cornu::ActivationName name = "tanh";
  CHECK_THROWS_AS(name.assign(nullptr), cornu::ConfigError);
  CHECK_THROWS_AS(name.assign("eluu"), cornu::ConfigError);
  CHECK(name.to_json() == "tanh");
  CHECK(cornu::activation_names().size() == 17);
}
