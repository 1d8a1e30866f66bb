#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/initializations/initializer.hpp"

using cornu::Initializer;
using cornu::Scalar;
using cornu::Shape;
using cornu::Tensor;

namespace {

struct Moments {
  double mean = 0, variance = 0, least = 0, most = 0, count = 0;
  explicit Moments(const Tensor& values) : count(static_cast<double>(values.size())) {
    for (const Scalar v : values) mean += v / count;
    for (const Scalar v : values) variance += (v - mean) * (v - mean) / count;
    least = *std::min_element(values.begin(), values.end());
    most = *std::max_element(values.begin(), values.end());
  }
};

// Five standard errors: a right generator fails one such check in 1.7 million, and the seed is
// fixed. A mean of n numbers of variance v has the standard error sqrt(v / n); their variance, for
// numbers of kurtosis k, v * sqrt((k - 1) / n). k is 9/5 for uniform and 3 for normal numbers.
void expect_uniform(const Tensor& values, double width) {
  const Moments m(values);
  const double v = width * width / 3;
  CHECK(std::abs(m.mean) < 5 * std::sqrt(v / m.count));
  CHECK(std::abs(m.variance - v) < 5 * v * std::sqrt(0.8 / m.count));
  // The largest of n numbers misses the end by more than 20 / n of the range once in e^20 times.
  const double miss = 2 * width * 20 / m.count;
  CHECK(m.least >= -width * (1 + 1e-6));
  CHECK(m.least < -width + miss);
  CHECK(m.most <= width * (1 + 1e-6));
  CHECK(m.most > width - miss);
}

void expect_normal(const Tensor& values, double deviation) {
  const Moments m(values);
  const double v = deviation * deviation;
  CHECK(std::abs(m.mean) < 5 * std::sqrt(v / m.count));
  CHECK(std::abs(m.variance - v) < 5 * v * std::sqrt(2 / m.count));
  // Not truncated: of 20000 numbers, some lie beyond three deviations, and the part within one is
  // 0.6827 with the standard error sqrt(p (1 - p) / n).
  CHECK(m.most > 3 * deviation);
  CHECK(m.least < -3 * deviation);
  const auto within = std::count_if(values.begin(), values.end(),
                                    [&](Scalar x) { return std::abs(x) < deviation; });
  CHECK(std::abs(static_cast<double>(within) / m.count - 0.6827) <
        5 * std::sqrt(0.6827 * 0.3173 / m.count));
}

// The product of the shorter side's vectors with each other, at (i, j).
double gram(const Tensor& w, std::size_t rows, std::size_t columns, std::size_t i, std::size_t j) {
  double sum = 0;
  if (rows < columns)
    for (std::size_t k = 0; k < columns; ++k)
      sum += static_cast<double>(w.data()[i * columns + k]) * w.data()[j * columns + k];
  else
    for (std::size_t k = 0; k < rows; ++k)
      sum += static_cast<double>(w.data()[k * columns + i]) * w.data()[k * columns + j];
  return sum;
}

}  // namespace

TEST_CASE("random initializers have the distributions of Keras 1") {
  cornu::set_seed(7);
  const Shape shape{100, 200};
  expect_uniform(Initializer("uniform")(shape), 0.05);
  expect_uniform(Initializer("uniform", 2)(shape), 2);
  expect_uniform(Initializer("lecun_uniform")(shape), std::sqrt(3 / 100.));
  expect_uniform(Initializer("glorot_uniform")(shape), std::sqrt(6 / 300.));
  expect_uniform(Initializer("he_uniform")(shape), std::sqrt(6 / 100.));
  expect_normal(Initializer("normal")(shape), 0.05);
  expect_normal(Initializer("normal", 0.5)(shape), 0.5);
  expect_normal(Initializer("glorot_normal")(shape), std::sqrt(2 / 300.));
  expect_normal(Initializer("he_normal")(shape), std::sqrt(2 / 100.));
}

TEST_CASE("fans follow Keras 1.0.3") {
  const auto expect = [](Shape shape, double in, double out) {
    CHECK(cornu::fans(shape).in == Approx(in).epsilon(1e-14));
    CHECK(cornu::fans(shape).out == Approx(out).epsilon(1e-14));
  };
  expect({5, 7}, 5, 7);
  expect({8, 3, 2, 2}, 12, 8);
  expect({8, 3, 2, 2, 2}, 24, 8);
  expect({4, 3, 2}, std::sqrt(24), std::sqrt(24));
  expect({10}, 3.1622776601683795, 3.1622776601683795);
}

TEST_CASE("orthogonal: the Gram matrix of the shorter side is 1.21 I") {
  cornu::set_seed(3);
  for (const Shape& shape :
       {Shape{30, 30}, Shape{40, 7}, Shape{7, 40}, Shape{6, 2, 5}, Shape{1, 4}, Shape{4, 1}}) {
    const Tensor w = Initializer("orthogonal")(shape);
    const std::size_t rows = shape[0], columns = w.size() / rows;
    INFO(shape.to_string());
    for (std::size_t i = 0; i < std::min(rows, columns); ++i)
      for (std::size_t j = 0; j < std::min(rows, columns); ++j)
        CHECK(gram(w, rows, columns, i, j) ==
              Approx(i == j ? 1.21 : 0).margin(sizeof(Scalar) == 8 ? 1e-13 : 1e-6));
  }
  const Tensor scaled = Initializer("orthogonal", 2)(Shape{5, 5});
  CHECK(gram(scaled, 5, 5, 2, 2) == Approx(4).epsilon(1e-5));
}

// The rotations are spread evenly: each element of an orthogonal n x n matrix has mean 0 and
// variance 1/n, and signs are fair.
TEST_CASE("orthogonal draws from the rotation-invariant distribution") {
  cornu::set_seed(11);
  constexpr std::size_t draws = 2000, n = 3;
  double sum[n * n] = {}, squares[n * n] = {};
  for (std::size_t draw = 0; draw < draws; ++draw) {
    const Tensor w = Initializer("orthogonal", 1)(Shape{n, n});
    for (std::size_t i = 0; i < n * n; ++i) {
      sum[i] += w.data()[i];
      squares[i] += static_cast<double>(w.data()[i]) * w.data()[i];
    }
  }
  for (std::size_t i = 0; i < n * n; ++i) {
    CHECK(std::abs(sum[i] / draws) < 5 * std::sqrt(1.0 / n / draws));
    // For n = 3 an element is uniform in [-1, 1]; its square has the variance 4/45.
    CHECK(std::abs(squares[i] / draws - 1.0 / n) < 5 * std::sqrt(4.0 / 45 / draws));
  }
}

TEST_CASE("constants and the identity") {
  for (const char* name : {"zero", "zeros"})
    for (const Scalar v : Initializer(name)(Shape{3, 2})) CHECK(v == 0);
  for (const char* name : {"one", "ones"})
    for (const Scalar v : Initializer(name)(Shape{5})) CHECK(v == 1);
  const Tensor plain = Initializer("identity")(Shape{3, 3});
  const Tensor scaled = Initializer("identity", 0.5)(Shape{3, 3});
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      CHECK(plain(i, j) == (i == j ? 1 : 0));
      CHECK(scaled(i, j) == (i == j ? Scalar(0.5) : 0));
    }
  }
}

TEST_CASE("the same seed makes the same weights, drawn one after the other") {
  const auto draw = [] {
    cornu::set_seed(5);
    const Tensor first = Initializer("normal")(Shape{4}), second = Initializer("normal")(Shape{4});
    CHECK_FALSE(std::equal(first.begin(), first.end(), second.begin()));
    return std::vector<Scalar>(second.begin(), second.end());
  };
  CHECK(draw() == draw());
}

TEST_CASE("what an initializer refuses") {
  CHECK_THROWS_WITH(Initializer("glorot_unifrom"),
                    Catch::Contains("glorot_unifrom") && Catch::Contains("'glorot_uniform'"));
  CHECK_THROWS_AS(Initializer("glorot_unifrom"), cornu::ConfigError);
  CHECK_THROWS_AS(Initializer("zero", 2), cornu::ConfigError);
  CHECK_THROWS_AS(Initializer("uniform", 0), cornu::ConfigError);
  CHECK_THROWS_AS(Initializer("uniform", -1), cornu::ConfigError);
  CHECK_THROWS_AS(Initializer("uniform", NAN), cornu::ConfigError);
  CHECK_THROWS_AS(Initializer("identity")(Shape{2, 3}), cornu::ShapeError);
  CHECK_THROWS_AS(Initializer("identity")(Shape{4}), cornu::ShapeError);
  CHECK_THROWS_AS(Initializer("orthogonal")(Shape{4}), cornu::ShapeError);
}

TEST_CASE("initializers in configs") {
  CHECK(Initializer("he_normal").to_json() == "he_normal");
  CHECK(Initializer("uniform", 0.5).to_json() ==
        nlohmann::json({{"name", "uniform"}, {"scale", 0.5}}));
  Initializer init = "zero";
  init.assign({{"name", "normal"}, {"scale", 3}});
  CHECK(init.to_json() == nlohmann::json({{"name", "normal"}, {"scale", 3.0}}));
  init.assign("one");
  CHECK(init.name() == "one");
  CHECK_THROWS_AS(init.assign("nothing"), cornu::ConfigError);
  CHECK_THROWS_AS(init.assign(nullptr), cornu::Error);
  CHECK_THROWS_AS(init.assign({{"name", "normal"}, {"sclae", 3}}), cornu::Error);
  CHECK(init.name() == "one");
}

TEST_CASE("an initializer of the user's own") {
  cornu::register_initializer(
      "count_up",
      [](const Shape&, double scale, cornu::RandomStream&, cornu::Array out) {
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Scalar>(scale * i);
      },
      0.25);
  CHECK(Initializer("count_up")(Shape{5})(4) == 1);
  CHECK(Initializer("count_up", 2)(Shape{5})(4) == 8);
  const std::vector<std::string> names = cornu::initializer_names();
  CHECK(std::count(names.begin(), names.end(), "count_up") == 1);
  CHECK(names.size() == 14);
  CHECK_THROWS_AS(cornu::register_initializer("count_up", [](auto&&...) {}), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::register_initializer("zero", [](auto&&...) {}), cornu::ConfigError);
  CHECK_THROWS_AS(cornu::register_initializer("empty", nullptr), cornu::ConfigError);
}
