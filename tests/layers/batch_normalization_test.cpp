// The numbers of Keras 1.0.3's BatchNormalization, and what ours refuses.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/checking/layer_probe.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/layer_class.hpp"

using cornu::BatchNormalization;
using cornu::BatchNormalizationOptions;
using cornu::ConstArray;
using cornu::LayerProbe;
using cornu::Scalar;
using cornu::Shape;
using cornu::Tensor;
using Numbers = std::vector<double>;

namespace {

constexpr bool is_double = sizeof(Scalar) == 8;

void expect_near(ConstArray got, const Numbers& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("element " << i);
    const double scale = std::max(1.0, std::abs(expected[i]));
    CHECK(got[i] == Approx(expected[i]).margin((is_double ? 1e-9 : 2e-5) * scale));
  }
}

/// One BatchNormalization with its weights, trained by plain SGD on the mean squared error.
struct Trial {
  Trial(BatchNormalizationOptions options, const Shape& input, const Numbers& values)
      : layer(std::move(options)), probe(layer, {input}), x(values) {}

  LayerProbe::Run start() {
    LayerProbe::Run run = probe.start(x.size() / probe.inputs[0].size());
    for (std::size_t i = 0; i < x.size(); ++i) run.x[0].array()[i] = static_cast<Scalar>(x[i]);
    return run;
  }
  std::vector<Scalar> output(bool training) {
    LayerProbe::Run run = start();
    probe.forward(run, training);
    return {run.y.array().begin(), run.y.array().end()};
  }
  std::vector<Scalar> predict() { return output(false); }

  double train(const Numbers& target, double lr) {
    LayerProbe::Run run = start();
    probe.forward(run, true);
    double loss = 0;
    const double size = static_cast<double>(target.size());
    for (std::size_t i = 0; i < target.size(); ++i) {
      const double error = run.y.array()[i] - target[i];
      loss += error * error / size;
      run.dy.array()[i] = static_cast<Scalar>(2 * error / size);
    }
    probe.backward(run);
    dx.assign(run.dx[0].array().begin(), run.dx[0].array().end());
    for (std::size_t p = 0; p < 2; ++p)
      for (std::size_t c = 0; c < probe.parameters[p].size(); ++c)
        probe.parameters[p].data()[c] -= static_cast<Scalar>(lr) * run.gradients[p].array()[c];
    if (layer.traits().updates_state) probe.update(run);
    return loss;
  }

  ConstArray gamma() const { return probe.parameters[0].array(); }
  ConstArray beta() const { return probe.parameters[1].array(); }
  ConstArray running_mean() const { return probe.states[0].array(); }
  ConstArray running_std() const { return probe.states[1].array(); }

  BatchNormalization layer;
  LayerProbe probe;
  Numbers x;
  std::vector<Scalar> dx;
};

const Numbers X = {1, 2, 3, 4, 5, 6, 7, 8, 10, 2, 0, 1};
const Numbers Y = {0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1};

Numbers counting(std::size_t count) {
  Numbers numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i);
  return numbers;
}

double mean_squared_error(const std::vector<Scalar>& y, const Numbers& target) {
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) sum += (y[i] - target[i]) * (y[i] - target[i]);
  return sum / static_cast<double>(y.size());
}

}  // namespace

TEST_CASE("mode 0: Keras's numbers over three steps of SGD") {
  Trial trial({}, {3}, X);
  const std::vector<Scalar> before = trial.predict();
  expect_near(ConstArray(before).first(3),
              {0.9999990000010001, 1.9999980000020001, 2.9999970000030003});
  CHECK(mean_squared_error(before, Y) ==
        Approx(23.083285000074092).epsilon(is_double ? 1e-12 : 1e-5));
  expect_near(trial.output(true), {-1.091088871076518, -0.5773500472930986, -0.5897676250645337,  //
                                   0.2182177742153036, 0.41239289092364184, 0.29488381253226686,  //
                                   1.5275244195071254, 1.4021358291403823, 1.4744190626613343,    //
                                   -0.6546533226459108, -1.2371786727709255, -1.1795352501290675});

  const double digits = is_double ? 1e-12 : 1e-5;
  CHECK(trial.train(Y, 0.01) == Approx(1.8260125730794383).epsilon(digits));
  expect_near(trial.gamma(), {0.992605947841595, 0.9903091239243731, 0.9938248108657138});
  expect_near(trial.beta(), {0.0033333333333333, 0.0033333333333333, 0.0033333333333333});
  expect_near(trial.running_mean(), {0.35, 0.375, 0.5});
  expect_near(trial.running_std(), {1.12912880656958, 1.203108907820275, 1.2391165139004587});
  CHECK(trial.train(Y, 0.01) == Approx(1.8040807854264085).epsilon(digits));
  expect_near(trial.running_mean(), {0.665, 0.7125, 0.95});
  expect_near(trial.running_std(), {1.245344732482202, 1.3859069248585225, 1.4543213764108716});
  CHECK(trial.train(Y, 0.01) == Approx(1.7824404466565387).epsilon(digits));
  expect_near(trial.gamma(), {0.9779653957868626, 0.9711207584407084, 0.9815976618437702});
  expect_near(trial.beta(), {0.009933481481481482, 0.009933481481481482, 0.009933481481481482});
  expect_near(trial.running_mean(), {0.9485, 1.01625, 1.355});
  expect_near(trial.running_std(), {1.349939065803562, 1.5504251401929454, 1.648005752670243});
  expect_near(trial.predict(), {0.04724270665292898, 0.6261124927545746, 0.9897402396253303,  //
                                2.220595629261507, 2.505184445811021, 2.776621865419583,      //
                                4.3939485518700865, 4.384256398867468, 5.159130699811919,     //
                                0.7716936808557884, -0.6266021426163896, -0.20151417757083814});
}

TEST_CASE("mode 1: Keras's numbers") {
  Trial trial({.mode = 1}, {3}, X);
  const Numbers expected = {-1.2247433713934262, 0,
                            1.2247433713934262,  //
                            -1.2247433713934262, 0,
                            1.2247433713934262,  //
                            -1.0690441105075283, -0.2672610276268824,
                            1.3363051381344093,  1.2247433713934262,
                            -1.2247433713934262, 0};
  expect_near(trial.predict(), expected);
  expect_near(trial.output(true), expected);
  CHECK(trial.train(Y, 0.01) == Approx(1.4814041342045237).epsilon(is_double ? 1e-12 : 1e-5));
  expect_near(trial.gamma(), {0.990595259520788, 0.9953397197432438, 0.9942510017739762});
  expect_near(trial.beta(), {0.007156312469834923, 0.005820007331700515, -0.0029763198015354355});
  expect_near(trial.running_mean(), {0, 0, 0});
  expect_near(trial.running_std(), {1, 1, 1});
}

TEST_CASE("axis = 1 of (N, C, H, W)") {
  Trial trial({.axis = 1}, {2, 2, 2}, counting(16));
  const auto set = [](Tensor& tensor, Scalar a, Scalar b) { tensor(0) = a, tensor(1) = b; };
  set(trial.probe.parameters[0], 2, Scalar(0.5));
  set(trial.probe.parameters[1], 1, -1);
  set(trial.probe.states[0], 3, 4);
  set(trial.probe.states[1], 2, 5);
  expect_near(trial.output(true),
              {-1.6484880534381663, -1.1669447709948635, -0.6854014885515602, -0.20385820610825744,
               -1.6621220133595416, -1.5417361927487159, -1.4213503721378902, -1.3009645515270645,
               2.2038582061082574, 2.6854014885515602, 3.1669447709948635, 3.6484880534381663,
               -0.6990354484729356, -0.5786496278621099, -0.4582638072512841, -0.3378779866404584});
  expect_near(trial.output(false),
              {-1.9999985000007499, -0.9999990000004999, 4.999997500476638e-07, 1.0, -1.0,
               -0.900000019999996, -0.800000039999992, -0.700000059999988, 5.99999750000125,
               6.9999970000015, 7.99999650000175, 8.999996000002, -0.200000159999968,
               -0.10000017999996402, -1.9999996003772225e-07, 0.09999978000004406});
}

TEST_CASE("the last axis of three averages over samples and steps") {
  Trial trial({}, {3, 2}, counting(12));
  const std::vector<Scalar> y = trial.output(true);
  const Numbers rows = {-1.463849618115104, -0.8783097708690625, -0.2927699236230208,
                        0.2927699236230208, 0.8783097708690625,  1.463849618115104};
  Numbers expected;
  for (const double row : rows) expected.insert(expected.end(), {row, row});
  expect_near(y, expected);
}

TEST_CASE("a constant feature normalizes to exactly zero") {
  Trial trial({}, {2}, {5, 1, 5, 2});
  const std::vector<Scalar> y = trial.output(true);
  CHECK(y[0] == 0);
  CHECK(y[2] == 0);
  expect_near(y, {0, -0.9999960000179999, 0, 0.9999960000179999});
  trial.train({0, 0, 0, 0}, 0.1);
  expect_near(trial.gamma(), {1.0, 0.9000007999948});
  expect_near(trial.running_mean(), {0.5, 0.15});
  expect_near(trial.running_std(), {0.9001, 0.9500001});

  // Also where the mean of equal numbers, summed, would not be that number.
  Trial thirds({}, {1}, Numbers(7, 1 / 3.0));
  for (const Scalar v : thirds.output(true)) CHECK(v == 0);
}

TEST_CASE("a batch of one sample gives beta, and its deviation is that of epsilon") {
  Trial trial({.weights = {}}, {2}, {3, -4});
  trial.probe.parameters[1](0) = 7;
  expect_near(trial.output(true), {7, 0});
  trial.train({7, 0}, 0);
  expect_near(trial.running_std(), {0.9001, 0.9001});
}

TEST_CASE("Dense, then BatchNormalization: a whole step by Keras's numbers") {
  const cornu::Dense dense({.output_dim = 1});
  const BatchNormalization normalization({.epsilon = 0.1, .momentum = 0.5});
  LayerProbe first(dense, {Shape{1}}), second(normalization, {Shape{1}});
  first.parameters[0](0) = 2;
  LayerProbe::Run a = first.start(3), b = second.start(3);
  const Numbers x = {1, 2, 4}, target = {0, 1, 0};
  for (std::size_t i = 0; i < 3; ++i) a.x[0].array()[i] = static_cast<Scalar>(x[i]);
  first.forward(a, true);
  std::copy(a.y.array().begin(), a.y.array().end(), b.x[0].array().begin());
  second.forward(b, true);
  expect_near(b.y.array(), {-1.019990687028121, -0.25499767175703036, 1.2749883587851512});
  for (std::size_t i = 0; i < 3; ++i)
    b.dy.array()[i] = static_cast<Scalar>(2 * (b.y.array()[i] - target[i]) / 3);
  second.backward(b);
  std::copy(b.dx[0].array().begin(), b.dx[0].array().end(), a.dy.array().begin());
  first.backward(a);
  second.update(b);
  expect_near(
      ConstArray(std::vector<Scalar>{2 - a.gradients[0].array()[0], -a.gradients[1].array()[0],
                                     1 - b.gradients[0].array()[0], -b.gradients[1].array()[0]}),
      {1.946787657218364, 0, -0.9906652006801919, 0.6666666666666667});
  expect_near(second.states[0].array(), {2.3333333333333335});
  expect_near(second.states[1].array(), {1.7572014777097407});
}

TEST_CASE("mode 1's gradient at a constant row is zero") {
  Trial trial({.mode = 1}, {3}, {2, 2, 2, 1, 2, 4});
  trial.train({1, 2, 3, 1, 0, 0}, 0);
  for (std::size_t i = 0; i < 3; ++i) CHECK(trial.dx[i] == 0);
  for (std::size_t i = 3; i < 6; ++i) CHECK(std::isfinite(trial.dx[i]));
  CHECK(trial.dx[3] != 0);
}

// A feature that varies by 1 around 10,000 keeps three digits of x in float; a variance from sums
// of squares would have none left.
TEST_CASE("features far from zero lose no more digits than they must") {
  Numbers near, far;
  for (int i = 0; i < 2000; ++i) {
    near.push_back(std::floor(1024 * std::sin(i)) / 1024);
    far.push_back(near.back() + 8192);  // exact in float
  }
  Trial a({}, {1}, near), b({}, {1}, far);
  const std::vector<Scalar> expected = a.output(true), got = b.output(true);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(got[i] == Approx(expected[i]).margin(is_double ? 1e-10 : 1e-3));
}

TEST_CASE("Keras's own tests: normalized over 1000 samples, mean 0 and deviation 1") {
  cornu::RandomStream random(1, cornu::Purpose::user);
  const auto check = [&](const Shape& input, int axis) {
    Numbers x(1000 * input.size());
    for (double& v : x) v = 5 + 10 * random.normal();
    Trial trial({.axis = axis}, input, x);
    const std::vector<Scalar> y = trial.output(true);
    double mean = 0, squares = 0;
    for (const Scalar v : y) mean += v, squares += static_cast<double>(v) * v;
    const double n = static_cast<double>(y.size());
    CHECK(mean / n == Approx(0).margin(1e-4));
    CHECK(std::sqrt(squares / n) == Approx(1).margin(1e-4));
  };
  check({10}, -1);
  check({3, 4, 4}, 1);
}

TEST_CASE("weights: two arrays, as documented, or four") {
  const auto array = [](Scalar a, Scalar b) { return Tensor(Shape{2}, std::vector<Scalar>{a, b}); };
  const BatchNormalization two({.weights = {array(2, 3), array(4, 5)}});
  const std::vector<Tensor> filled = two.initial_weights();
  REQUIRE(filled.size() == 4);
  CHECK(filled[1](1) == 5);
  CHECK(filled[2](0) == 0);
  CHECK(filled[3](1) == 1);
  const BatchNormalization four({.weights = {array(2, 3), array(4, 5), array(6, 7), array(8, 9)}});
  CHECK(four.initial_weights()[3](0) == 8);
  CHECK(BatchNormalization().initial_weights().empty());
  const std::vector<Tensor> one = {array(1, 2)};
  CHECK_THROWS_WITH(BatchNormalization({.weights = one}),
                    Catch::Contains("expected 2 or 4 arrays"));
}

TEST_CASE("the config has Keras's keys, and the initializers") {
  const BatchNormalization layer(
      {.epsilon = 1e-3, .axis = 1, .gamma_init = "normal", .input_shape = {3, 2}, .name = "bn"});
  const nlohmann::json expected = {{"name", "bn"},
                                   {"trainable", true},
                                   {"epsilon", 1e-3},
                                   {"mode", 0},
                                   {"axis", 1},
                                   {"momentum", 0.9},
                                   {"beta_init", "zero"},
                                   {"gamma_init", "normal"},
                                   {"batch_input_shape", {nullptr, 3, 2}},
                                   {"input_dtype", is_double ? "float64" : "float32"}};
  CHECK(layer.config() == expected);
  // What later Keras added is written where it is set.
  const nlohmann::json later =
      BatchNormalization({.statistics = "variance", .center = false, .scale = false}).config();
  CHECK((later["statistics"] == "variance" && later["center"] == false && later["scale"] == false));
  CHECK(cornu::layer_from_json("BatchNormalization", later, "config")->config() == later);
  // Keras 1.0.3 leaves the initializers out.
  nlohmann::json keras = expected;
  keras.erase("beta_init");
  keras.erase("gamma_init");
  CHECK(cornu::layer_from_json("BatchNormalization", keras, "config")->name() == "bn");
}

TEST_CASE("what BatchNormalization refuses, and when") {
  const auto refused = [](BatchNormalizationOptions options, const std::string& words) {
    CHECK_THROWS_AS(BatchNormalization(options), cornu::ConfigError);
    CHECK_THROWS_WITH(BatchNormalization(options), Catch::Contains(words));
  };
  refused({.mode = 2}, "mode");
  refused({.mode = -1}, "mode");
  refused({.axis = 0}, "samples");
  refused({.mode = 1, .axis = -2}, "last axis");
  refused({.epsilon = 0}, "epsilon");
  refused({.epsilon = -1}, "epsilon");
  refused({.epsilon = NAN}, "epsilon");
  refused({.momentum = 1.1}, "momentum");
  refused({.momentum = -0.1}, "momentum");
  CHECK_THROWS_WITH(BatchNormalization({.beta_init = "normla"}), Catch::Contains("'normal'"));

  const auto refused_input = [](BatchNormalizationOptions options, std::vector<Shape> inputs,
                                const std::string& words) {
    const BatchNormalization layer(std::move(options));
    CHECK_THROWS_WITH(LayerProbe(layer, inputs), Catch::Contains(words));
  };
  refused_input({.axis = 2}, {{3}}, "axis 2");
  refused_input({.axis = -2}, {{3}}, "axis -2");
  refused_input({.axis = -3}, {{3}}, "axis -3");
  refused_input({.mode = 1, .axis = 1}, {{3, 4}}, "mode 1");
  refused_input({}, {{3}, {3}}, "expected one input, got 2");
  CHECK(BatchNormalization().traits().mask == cornu::MaskRule::refuse);
}
