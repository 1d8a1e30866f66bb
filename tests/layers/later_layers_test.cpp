// The layers and options that came after Keras 1.0.3, by numbers of Keras 3's
// formulas.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;
using Values = std::vector<double>;

namespace {

const double nearly = sizeof(Scalar) == 8 ? 1e-12 : 2e-6;

Values output(const Layer& layer, const Shape& input, const Values& x, bool training = false) {
  LayerProbe probe(layer, {input});
  LayerProbe::Run run = probe.start(x.size() / input.size());
  for (std::size_t i = 0; i < x.size(); ++i) run.x[0].array()[i] = static_cast<Scalar>(x[i]);
  probe.forward(run, training);
  return {run.y.array().begin(), run.y.array().end()};
}

void check(const Values& got, const Values& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    INFO("element " << i);
    CHECK(got[i] == Approx(expected[i]).margin(nearly));
  }
}

}  // namespace

TEST_CASE("ReLU: a ceiling, a slope and a threshold") {
  const Values x = {-2, -0.5, 0, 0.5, 1, 3};
  check(output(ReLU(), {6}, x), {0, 0, 0, 0.5, 1, 3});
  check(output(ReLU({.max_value = 2}), {6}, x), {0, 0, 0, 0.5, 1, 2});
  check(output(ReLU({.negative_slope = 0.1}), {6}, x), {-0.2, -0.05, 0, 0.5, 1, 3});
  check(output(ReLU({.max_value = 2, .negative_slope = 0.1, .threshold = 1}), {6}, x),
        {-0.3, -0.15, -0.1, -0.05, 1, 2});
  CHECK_THROWS_AS(ReLU({.max_value = 1, .threshold = 2}), ConfigError);
  CHECK_THROWS_AS(ReLU({.max_value = -1}), ConfigError);
  CHECK_THROWS_AS(ReLU({.negative_slope = -1}), ConfigError);
}

TEST_CASE("Softmax over one axis, or over several at once") {
  const double e = std::exp(1);
  check(output(Softmax(), {2, 2}, {0, 1, 5, 5}), {1 / (1 + e), e / (1 + e), 0.5, 0.5});
  check(output(Softmax({.axis = 1}), {2, 2}, {0, 5, 1, 5}), {1 / (1 + e), 0.5, e / (1 + e), 0.5});
  check(output(Softmax({.axis = {1, 2}}), {2, 2}, {3, 3, 3, 3}), {0.25, 0.25, 0.25, 0.25});
  // Axes 1 and 3 of (N, 2, 2, 2), with axis 2 kept in between.
  check(output(Softmax({.axis = {1, 3}}), {2, 2, 2}, {0, 0, 1, 1, 0, 0, 1, 1}), Values(8, 0.25));
  CHECK_THROWS_WITH(LayerProbe(Softmax({.axis = 0}), {{3}}), Catch::Contains("samples"));
  CHECK_THROWS_AS(LayerProbe(Softmax({.axis = 2}), {{3}}), ConfigError);
  CHECK_THROWS_WITH(LayerProbe(Softmax({.axis = {1, -1}}), {{3}}), Catch::Contains("twice"));
}

TEST_CASE("LayerNormalization: (x - mean) / sqrt(variance + epsilon)") {
  const double s = std::sqrt(1 + 1e-3);
  check(output(LayerNormalization(), {2}, {1, 3, -4, -2}), {-1 / s, 1 / s, -1 / s, 1 / s});
  check(output(LayerNormalization(), {3}, {7, 7, 7}), {0, 0, 0});
  check(output(LayerNormalization({.axis = 1}), {2, 2}, {1, 7, 3, 7}), {-1 / s, 0, 1 / s, 0});
  check(output(LayerNormalization({.axis = {1, 2}}), {2, 2}, {1, 1, 3, 3}),
        {-1 / s, -1 / s, 1 / s, 1 / s});
  const LayerProbe probe(LayerNormalization({.axis = {1, 3}}), {{2, 3, 4}});
  CHECK(probe.parameters[0].shape() == Shape{2, 4});
  CHECK(LayerProbe(LayerNormalization({.scale = false}), {{4}}).parameters.size() == 1);
}

TEST_CASE("BatchNormalization with variances: epsilon in the root alone") {
  const double s = std::sqrt(4 + 0.5);
  BatchNormalization layer({.epsilon = 0.5, .momentum = 0.75, .statistics = "variance"});
  LayerProbe probe(layer, {{1}});
  LayerProbe::Run run = probe.start(2);
  run.x[0].array()[0] = 1;
  run.x[0].array()[1] = 5;
  probe.forward(run, true);
  CHECK(run.y.array()[1] == Approx(2 / s));
  probe.backward(run);
  probe.update(run);
  CHECK(probe.states[0].array()[0] == Approx(0.25 * 3));
  CHECK(probe.states[1].array()[0] == Approx(0.75 + 0.25 * 4));
  probe.forward(run, false);
  CHECK(run.y.array()[1] == Approx((5 - 0.75) / std::sqrt(1.75 + 0.5)));
  CHECK(layer.config()["statistics"] == "variance");
  CHECK_THROWS_AS(BatchNormalization({.mode = 1, .statistics = "variance"}), ConfigError);
  CHECK_THROWS_WITH(BatchNormalization({.statistics = "varianec"}),
                    Catch::Contains("did you mean 'variance'"));
}

TEST_CASE("BatchNormalization without gamma or beta") {
  CHECK(LayerProbe(BatchNormalization({.scale = false}), {{3}}).parameters.size() == 1);
  CHECK(
      LayerProbe(BatchNormalization({.center = false, .scale = false}), {{3}}).parameters.empty());
  check(output(BatchNormalization({.epsilon = 1e-12, .center = false, .scale = false}), {1}, {1, 5},
               true),
        {-1, 1});
  const std::vector<Tensor> three(3, Tensor(Shape{2}));
  CHECK_NOTHROW(BatchNormalization({.weights = three, .scale = false}));
  CHECK_THROWS_AS(BatchNormalization({.weights = three}), ConfigError);
}

TEST_CASE("held statistics are what training normalizes by") {
  check(output(BatchNormalization({.epsilon = 1e-12, .hold_statistics = true}), {1}, {1, 5}, true),
        {1, 5});
}
