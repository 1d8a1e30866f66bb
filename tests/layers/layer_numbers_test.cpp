// What the layers compute, by hand, and Keras's own tests of them; what they refuse.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/cornu.hpp"

using cornu::LayerProbe;
using cornu::Scalar;
using cornu::Shape;
using cornu::Tensor;
using Numbers = std::vector<double>;

namespace {

const double digits = sizeof(Scalar) == 8 ? 1e-12 : 2e-6;

/// The output of a layer for these numbers, with its first or the given parameters.
struct Output {
  Output(const cornu::Layer& layer, const Shape& input, const Numbers& x, bool training = false,
         const std::vector<Numbers>& parameters = {})
      : probe(layer, {input}), run(probe.start(x.size() / input.size())) {
    for (std::size_t i = 0; i < x.size(); ++i) run.x[0].array()[i] = static_cast<Scalar>(x[i]);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      REQUIRE(parameters[p].size() == probe.parameters[p].size());
      for (std::size_t i = 0; i < parameters[p].size(); ++i)
        probe.parameters[p].data()[i] = static_cast<Scalar>(parameters[p][i]);
    }
    probe.forward(run, training);
  }
  Numbers y() const { return {run.y.array().begin(), run.y.array().end()}; }

  LayerProbe probe;
  LayerProbe::Run run;
};

void expect_near(const Numbers& got, const Numbers& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(got[i] == Approx(expected[i]).margin(digits));
}

void expect(const cornu::Layer& layer, const Shape& input, const Numbers& x, const Numbers& y,
            const Shape& output, const std::vector<Numbers>& parameters = {}) {
  INFO(layer.place());
  const Output out(layer, input, x, false, parameters);
  CHECK(out.probe.output == output);
  expect_near(out.y(), y);
}

double softplus(double z) { return std::log1p(std::exp(z)); }
double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

void refused(const cornu::Layer& layer, const Shape& input, const std::string& words) {
  CHECK_THROWS_AS(LayerProbe(layer, {input}), cornu::ShapeError);
  CHECK_THROWS_WITH(LayerProbe(layer, {input}), Catch::Contains(words));
}

}  // namespace

using namespace cornu;

TEST_CASE("Dense and TimeDistributedDense: activation(x W + b)") {
  const std::vector<Numbers> weights = {{1, 2, 3, 4, 5, 6}, {0.5, -40}};
  expect(Dense({.output_dim = 2}), {3}, {1, 0, -1, 2, 1, 0}, {-3.5, -44, 5.5, -32}, {2}, weights);
  expect(Dense({.output_dim = 2, .activation = "relu"}), {3}, {1, 0, -1, 2, 1, 0}, {0, 0, 5.5, 0},
         {2}, weights);
  expect(TimeDistributedDense({.output_dim = 2, .activation = "relu"}), {2, 3}, {1, 0, -1, 2, 1, 0},
         {0, 0, 5.5, 0}, {2, 2}, weights);
  expect(Dense({.output_dim = 1, .bias = false}), {2}, {1, 2}, {5}, {1}, {{1, 2}});
  refused(Dense({.output_dim = 2}), {2, 3}, "TimeDistributedDense");
  refused(Dense({.output_dim = 2}), {}, "(N, D)");
  refused(TimeDistributedDense({.output_dim = 2}), {3}, "(N, T, D)");
  CHECK_THROWS_AS(Dense({}), ConfigError);
  CHECK(Dense({.output_dim = 1, .input_dim = 7}).input_shape() == Shape{7});
  CHECK_THROWS_WITH(Dense({.output_dim = 1, .input_dim = 7, .input_shape = {8}}),
                    Catch::Contains("give one of the two"));
  CHECK(TimeDistributedDense({.output_dim = 1, .input_dim = 7, .input_length = 4}).input_shape() ==
        Shape{4, 7});
}

TEST_CASE("the config of Dense has Keras's keys") {
  const Dense dense({.output_dim = 4, .input_dim = 3, .name = "dense_named"});
  const nlohmann::json expected = {{"name", "dense_named"},
                                   {"trainable", true},
                                   {"output_dim", 4},
                                   {"init", "glorot_uniform"},
                                   {"activation", "linear"},
                                   {"W_regularizer", nullptr},
                                   {"b_regularizer", nullptr},
                                   {"activity_regularizer", nullptr},
                                   {"W_constraint", nullptr},
                                   {"b_constraint", nullptr},
                                   {"bias", true},
                                   {"input_dim", 3},
                                   {"batch_input_shape", {nullptr, 3}},
                                   {"input_dtype", sizeof(Scalar) == 8 ? "float64" : "float32"}};
  CHECK(dense.config() == expected);
  nlohmann::json short_of_one = expected;
  short_of_one.erase("output_dim");
  CHECK_THROWS_WITH(layer_from_json("Dense", short_of_one, "config[0]"),
                    Catch::Contains("config[0]") && Catch::Contains("'output_dim'"));
  nlohmann::json one_too_many = expected;
  one_too_many["outptu_dim"] = 4;
  CHECK_THROWS_AS(layer_from_json("Dense", one_too_many, "config[0]"), FormatError);
  CHECK_THROWS_WITH(layer_from_json("Dnese", expected, "config[0]"),
                    Catch::Contains("Dnese") && Catch::Contains("'Dense'"));
}

TEST_CASE("shapes: Flatten, Reshape, Permute, RepeatVector") {
  const Numbers x = {0, 1, 2, 3, 4, 5};
  expect(Flatten(), {2, 3}, x, x, {6});
  refused(Flatten(), {6}, "leave the Flatten out");
  expect(Reshape({.target_shape = {8, 1}}), {2, 4}, {0, 1, 2, 3, 4, 5, 6, 7},
         {0, 1, 2, 3, 4, 5, 6, 7}, {8, 1});
  expect(Reshape({.target_shape = {3, -1}}), {6}, x, x, {3, 2});
  refused(Reshape({.target_shape = {4, -1}}), {6}, "total size must stay");
  refused(Reshape({.target_shape = {5}}), {6}, "total size must stay");
  CHECK_THROWS_AS(Reshape({.target_shape = {-1, -1}}), ConfigError);
  CHECK_THROWS_AS(Reshape({.target_shape = {0, 2}}), ConfigError);
  CHECK_THROWS_AS(Reshape({.target_shape = {-2, 2}}), ConfigError);
  CHECK_THROWS_AS(Reshape({}), ConfigError);
  expect(Permute({.dims = {2, 1}}), {2, 3}, x, {0, 3, 1, 4, 2, 5}, {3, 2});
  expect(Permute({.dims = {3, 1, 2}}), {1, 2, 3}, x, {0, 3, 1, 4, 2, 5}, {3, 1, 2});
  refused(Permute({.dims = {2, 1}}), {6}, "as many axes as dims");
  CHECK_THROWS_AS(Permute({.dims = {2, 2}}), ConfigError);
  CHECK_THROWS_AS(Permute({.dims = {2, 3}}), ConfigError);
  CHECK_THROWS_AS(Permute({.dims = {0, 1}}), ConfigError);
  CHECK_THROWS_AS(Permute({}), ConfigError);
  expect(RepeatVector({.n = 2}), {3}, x, {0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5}, {2, 3});
  refused(RepeatVector({.n = 2}), {2, 3}, "(N, D)");
  CHECK_THROWS_AS(RepeatVector({}), ConfigError);
}

TEST_CASE("advanced activations, by their formulas") {
  const Numbers x = {-2, -0.5, 0, 0.4, 1, 3};
  const auto map = [&](auto f) {
    Numbers y;
    for (const double v : x) y.push_back(f(v));
    return y;
  };
  const Shape one{1}, two{2};
  expect(LeakyReLU(), one, x, map([](double v) { return v > 0 ? v : 0.3 * v; }), one);
  expect(LeakyReLU({.alpha = -1}), one, x, map([](double v) { return std::abs(v); }), one);
  expect(ELU(), one, x, map([](double v) { return v > 0 ? v : std::exp(v) - 1; }), one);
  expect(ELU({.alpha = 0.5}), one, x,
         map([](double v) { return v > 0 ? v : 0.5 * (std::exp(v) - 1); }), one);
  expect(ThresholdedReLU(), one, x, {0, 0, 0, 0, 0, 3}, one);
  expect(ThresholdedReLU({.theta = 0.3}), one, x, {0, 0, 0, 0.4, 1, 3}, one);
  expect(PReLU(), two, x, {0, 0, 0, 0.4, 1, 3}, two);
  expect(PReLU(), two, x, {-0.5, -1, 0, 0.4, 1, 3}, two, {{0.25, 2}});
  expect(ParametricSoftplus(), one, x, map([](double v) { return 0.2 * softplus(5 * v); }), one);
  expect(ParametricSoftplus(), one, {-1000, 1000}, {0, 1000}, one);
  expect(ParametricSoftplus(), two, {1, 1}, {2 * softplus(-1), -softplus(3)}, two,
         {{2, -1}, {-1, 3}});
  // t_left -1, a_left 0.5, t_right 2 (so the right bend at 1), a_right 3
  expect(SReLU(), one, {-3, -1, 0, 1, 2}, {-2, -1, 0, 1, 4}, one, {{-1}, {0.5}, {2}, {3}});
  expect(SReLU(), one, {-3, -1, 0, 1, 2}, {-2, -1, 0, 1, 4}, one, {{-1}, {0.5}, {-2}, {3}});
  // A left slope below 0 rises to the left, at most to the right bend (Theano's relu with a cap).
  expect(SReLU(), one, {-2, -9}, {0, 1}, one, {{-1}, {-1}, {2}, {3}});
  CHECK_THROWS_AS(ELU({.alpha = -1}), ConfigError);
  CHECK_THROWS_AS(ThresholdedReLU({.theta = -1}), ConfigError);
  CHECK_THROWS_AS(LeakyReLU({.alpha = NAN}), ConfigError);
}

TEST_CASE("MaxoutDense: the largest of nb_feature linear functions") {
  // z_0 = x + 1, z_1 = -2 x
  expect(MaxoutDense({.output_dim = 1, .nb_feature = 2}), {1}, {-3, 0, 2}, {6, 1, 3}, {1},
         {{1, -2}, {1, 0}});
  refused(MaxoutDense({.output_dim = 1}), {2, 2}, "(N, D)");
  CHECK_THROWS_AS(MaxoutDense({.output_dim = 1, .nb_feature = 0}), ConfigError);
}

TEST_CASE("Highway: t activation(x W + b) + (1 - t) x") {
  const double t = sigmoid(0.5 * 3 + 1), u = sigmoid(0.5 * -1 + 1);
  expect(Highway({.activation = "relu"}), {1}, {3, -1},
         {t * (2 * 3 - 1) + (1 - t) * 3, (1 - u) * -1}, {1}, {{2}, {-1}, {0.5}, {1}});
  const Highway highway;
  const LayerProbe probe(highway, {Shape{2}});
  REQUIRE(probe.parameters.size() == 4);
  CHECK(probe.declarations.parameters[2].name == "W_carry");
  CHECK(probe.parameters[1](0) == 0);
  CHECK(probe.parameters[3](1) == -2);
}

TEST_CASE("Dropout keeps the expectation and the promised part") {
  const std::size_t n = 20000;
  const Numbers ones(n, 1);
  for (const double p : {0.1, 0.5, 0.9}) {
    const Output out(Dropout({.p = p}), {n}, ones, true);
    double sum = 0, dropped = 0;
    for (const double y : out.y()) {
      CHECK((y == 0 || std::abs(y - 1 / (1 - p)) < 1e-5));
      sum += y;
      dropped += y == 0;
    }
    // Five standard errors of a binomial part.
    const double error = 5 * std::sqrt(p * (1 - p) / static_cast<double>(n));
    CHECK(std::abs(dropped / static_cast<double>(n) - p) < error);
    CHECK(std::abs(sum / static_cast<double>(n) - 1) < error / (1 - p));
    CHECK(Output(Dropout({.p = p}), {n}, ones).y() == ones);
  }
  CHECK(Output(Dropout({.p = 0}), {n}, ones, true).y() == ones);
  CHECK_THROWS_WITH(Dropout({.p = 1.5}), Catch::Contains("[0, 1)"));
  CHECK_THROWS_AS(Dropout({.p = 1}), ConfigError);
  CHECK_THROWS_AS(Dropout({.p = -0.1}), ConfigError);
}

TEST_CASE("noise has the promised width in training and is absent in testing") {
  const std::size_t n = 20000;
  const Numbers twos(n, 2);
  const auto check = [&](const Layer& layer, double width) {
    double mean = 0, variance = 0;
    for (const double y : Output(layer, {n}, twos, true).y()) {
      mean += y / static_cast<double>(n);
      variance += (y - 2) * (y - 2) / static_cast<double>(n);
    }
    CHECK(std::abs(mean - 2) < 5 * width / std::sqrt(static_cast<double>(n)));
    CHECK(std::abs(variance / (width * width) - 1) < 5 * std::sqrt(2 / static_cast<double>(n)));
    CHECK(Output(layer, {n}, twos).y() == twos);
  };
  check(GaussianNoise({.sigma = 0.3}), 0.3);
  check(GaussianDropout({.p = 0.2}), 2 * std::sqrt(0.2 / 0.8));
  CHECK_THROWS_AS(GaussianNoise({.sigma = -1}), ConfigError);
  CHECK_THROWS_AS(GaussianDropout({.p = 1}), ConfigError);
}

TEST_CASE("Masking marks the steps of only mask_value, and zeroes them") {
  const Output out(Masking({.mask_value = 2}), {2, 2}, {2, 2, 2, 1, 0, 0, 2, 2});
  expect_near(out.y(), {0, 0, 2, 1, 0, 0, 0, 0});
  const ConstArray mask = out.run.mask.array();
  CHECK(std::vector<Scalar>(mask.begin(), mask.end()) == std::vector<Scalar>{0, 1, 1, 0});
  refused(Masking(), {3}, "(N, T, D)");
}

TEST_CASE("ActivityRegularization leaves its input and carries a penalty") {
  const ActivityRegularization layer({.l1 = 0.1, .l2 = 0.2});
  CHECK(Output(layer, {2}, {3, -4}).y() == Numbers{3, -4});
  REQUIRE(layer.activity_regularizer() != nullptr);
  const std::vector<Scalar> y = {3, -4};
  CHECK((*layer.activity_regularizer())->value(y) == Approx(0.1 * 7 + 0.2 * 25));
  CHECK_THROWS_AS(ActivityRegularization({.l1 = -1}), ConfigError);
}

TEST_CASE("TimeDistributed(Dense) equals TimeDistributedDense") {
  const TimeDistributed wrapped(
      {.layer = std::make_shared<Dense>(DenseOptions{.output_dim = 2, .activation = "tanh"})});
  const TimeDistributedDense direct({.output_dim = 2, .activation = "tanh"});
  const std::vector<Numbers> weights = {{0.1, 0.2, -0.3, 0.4, 0.5, -0.6}, {0.5, -0.5}};
  const Numbers x = {1, 0, -1, 2, 1, 0, 0.5, 0.25, 3, -1, -2, 1};
  CHECK(Output(wrapped, {2, 3}, x, false, weights).y() ==
        Output(direct, {2, 3}, x, false, weights).y());
  refused(wrapped, {3}, "(N, T, ...)");
  CHECK_THROWS_AS(TimeDistributed({}), ConfigError);
  CHECK_THROWS_AS(TimeDistributed({.layer = std::make_shared<Masking>()}), ConfigError);
  const TimeDistributed frozen(
      {.layer = std::make_shared<Dense>(DenseOptions{.output_dim = 2, .trainable = false})});
  CHECK_FALSE(frozen.trainable());
  const nlohmann::json config = wrapped.config();
  CHECK(config.at("layer").at("class_name") == "Dense");
  CHECK(config.at("layer").at("config").at("activation") == "tanh");
}

TEST_CASE("BatchNormalization inside TimeDistributed sees samples and steps as one batch") {
  const Numbers x = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const TimeDistributed wrapped({.layer = std::make_shared<BatchNormalization>()});
  const BatchNormalization direct;
  Output over_steps(wrapped, {3, 2}, x, true), flat(direct, {2}, x, true);
  CHECK(over_steps.y() == flat.y());
  over_steps.probe.update(over_steps.run);
  CHECK(over_steps.probe.states[0](0) == Approx(0.5));
}

TEST_CASE("Lambda: a function by its registered name") {
  register_lambda("test: first half",
                  {.forward =
                       [](ConstView x, View y) {
                         const std::size_t half = y.shape.back(), all = x.shape.back();
                         for (std::size_t i = 0; i < y.size(); ++i)
                           y.data[i] = x.data[i / half * all + i % half];
                       },
                   .backward =
                       [](ConstView, ConstView, ConstView dy, View dx) {
                         const std::size_t half = dy.shape.back(), all = dx.shape.back();
                         for (Scalar& element : dx.array()) element = 0;
                         for (std::size_t i = 0; i < dy.size(); ++i)
                           dx.data[i / half * all + i % half] = dy.data[i];
                       },
                   .output_shape = [](const Shape& input) { return Shape{input[0] / 2}; }});
  const Lambda layer({.function = "test: first half"});
  expect(layer, {4}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 5, 6}, {2});
  CHECK(check_layer(layer, {Shape{4}}).to_string() == "passed");
  CHECK(layer.config().at("function") == "test: first half");
  CHECK_THROWS_WITH(Lambda({.function = "test: first hafl"}),
                    Catch::Contains("'test: first half'"));
  CHECK_THROWS_AS(register_lambda("test: none", {}), ConfigError);
}

TEST_CASE("names are made up for each class, and skip those that are taken") {
  const std::string first = ThresholdedReLU().name(), second = ThresholdedReLU().name();
  const auto number = [](const std::string& name) {
    CHECK(name.rfind("thresholdedrelu_", 0) == 0);
    return std::stoi(name.substr(16));
  };
  CHECK(number(second) == number(first) + 1);
  const ThresholdedReLU named({.name = "thresholdedrelu_500"});
  CHECK(number(ThresholdedReLU().name()) == 501);
  CHECK(ThresholdedReLU({.name = "mine"}).place() == "mine (ThresholdedReLU)");
}
