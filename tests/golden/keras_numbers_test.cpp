// Numbers that Keras 1.0 computes for whole models in double precision, and its own tests of saved
// models (tests/keras/test_sequential_model.py), restated.

#include <catch2/catch.hpp>
#include <filesystem>

#include "cornu/core/random.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/parts/regularizer.hpp"
#include "cornu/models/model.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/optimizers/sgd.hpp"

using namespace cornu;

namespace {

const double digits = sizeof(Scalar) == 8 ? 1e-9 : 2e-5;

Tensor matrix(std::size_t rows, std::size_t columns, const std::vector<double>& values) {
  return Tensor(Shape{rows, columns}, std::vector<Scalar>(values.begin(), values.end()));
}

Tensor row(const std::vector<double>& values) {
  return Tensor(Shape{values.size()}, std::vector<Scalar>(values.begin(), values.end()));
}

void expect_near(const Tensor& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(got.data()[i] == Approx(expected[i]).epsilon(digits).margin(digits));
}

Tensor random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Tensor result(Shape{rows, columns});
  RandomStream(seed, Purpose::user).fill_normal(result.array(), 0, 1);
  return result;
}

/// Trains, then makes the model anew from its text and its saved weights: the loss is exactly the
/// same, before and after one more step on both.
void expect_same_loss_after_reload(Model& model) {
  const CompileOptions options{.optimizer = "rmsprop", .loss = "mse", .metrics = {"mae"}};
  model.compile(options);
  const Tensor x = random_matrix(50, 4, 1), y = random_matrix(50, 3, 2);
  const Data inputs = model.inputs().size() == 1 ? Data(x) : Data({x, x});
  model.fit(inputs, y, {.nb_epoch = 1, .verbose = 0, .validation_split = 0.1});
  const auto path = std::filesystem::temp_directory_path() / "cornu_keras_numbers.json";
  model.save_weights(path.string());
  const auto twin = model_from_json(model.to_json());
  twin->compile(options);
  CHECK(twin->evaluate(inputs, y)["loss"] != model.evaluate(inputs, y)["loss"]);
  twin->load_weights(path.string());
  std::filesystem::remove(path);
  CHECK(twin->evaluate(inputs, y)["loss"] == model.evaluate(inputs, y)["loss"]);
  CHECK(twin->evaluate(inputs, y)["mean_absolute_error"] ==
        model.evaluate(inputs, y)["mean_absolute_error"]);
}

}  // namespace

TEST_CASE("Dense, BatchNormalization, relu, Dense, sigmoid: two steps by Keras's numbers") {
  Sequential model;
  model.add<Dense>({.output_dim = 2,
                    .weights = {matrix(2, 2, {.1, -.2, .3, .4}), row({.05, -.05})},
                    .input_shape = {2}});
  model.add<BatchNormalization>();
  model.add<Activation>({.activation = "relu"});
  model.add<Dense>({.output_dim = 1, .weights = {matrix(2, 1, {.5, -.6}), row({.1})}});
  model.add<Activation>({.activation = "sigmoid"});
  model.compile(
      {.optimizer = sgd({.lr = 0.5}), .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  const Tensor x = matrix(4, 2, {1, 2, -1, .5, .3, -.7, 2, 1}), y = matrix(4, 1, {1, 0, 0, 1});

  expect_near(model.predict(x),
              {0.5361866090407321, 0.48500453834457163, 0.52497918747894, 0.5926665335655866});
  const Scores before = model.test_on_batch(x, y);
  CHECK(before["loss"] == Approx(0.63859756).epsilon(1e-7));
  CHECK(before["acc"] == 0.75);
  const Scores first = model.train_on_batch(x, y);
  CHECK(first["loss"] == Approx(0.6242824304590707).epsilon(digits));
  CHECK(first["acc"] == 0.5);
  const Scores second = model.train_on_batch(x, y);
  CHECK(second["loss"] == Approx(0.5082492635877415).epsilon(digits));
  CHECK(second["acc"] == 0.75);

  const std::vector<Tensor> weights = model.get_weights();
  REQUIRE(weights.size() == 8);
  expect_near(weights[0],
              {0.15726669285103084, -0.47221092980403406, 0.2777843396615521, 0.20218080875111766});
  expect_near(weights[1], {0.05, -0.05});  // a bias before a normalization has no gradient
  expect_near(weights[2], {1.1073148872653484, 0.9951746214100363});
  expect_near(weights[3], {0.10969250738446228, -0.006018124811484851});
  expect_near(weights[4], {0.06127558414300161, 0.003693402920921768});
  expect_near(weights[5], {0.8775909671697082, 0.8842277543785617});
  expect_near(weights[6], {0.7054103859593488, -0.593447593973275});
  expect_near(weights[7], {0.07239177067571571});
  expect_near(model.predict(x),
              {0.6844291346253069, 0.44519616491855896, 0.518090043183052, 0.6608162105173117});
  const Scores after = model.evaluate(x, y);
  CHECK(after["loss"] == Approx(0.5281470914221826).epsilon(digits));
  CHECK(after["acc"] == 0.75);
}

TEST_CASE("a weighted loss is divided by the number of weights that are not zero") {
  Sequential model;
  model.add<Activation>({.activation = "linear", .input_shape = {3}});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor t = matrix(2, 3, {0, 1, 0, 1, 0, 0}), p = matrix(2, 3, {.2, .7, .1, .5, .3, .4});
  const auto loss = [&](double first, double second) {
    return model.test_on_batch(p, t, row({first, second}))["loss"];
  };
  CHECK(loss(1, 1) == Approx(0.1066666667).epsilon(1e-6));
  CHECK(loss(2, 0) == Approx(0.0933333333).epsilon(1e-6));
  CHECK(loss(1, 3) == Approx(0.2733333333).epsilon(1e-6));
}

// engine/training.py, weighted_objective: score * mask / mean(mask), then * w / mean(w != 0).
TEST_CASE("weights of time steps, alone and with a mask") {
  const Tensor p(Shape{2, 3, 1}, {1, 2, 3, 4, 0, 0}), t(Shape{2, 3, 1});
  const Tensor weights = matrix(2, 3, {1, 0, 2, 0.5, 3, 0});
  const auto loss = [&](bool masked) {
    Sequential model;
    if (masked)
      model.add<Masking>({.mask_value = 0, .input_shape = {3, 1}});
    else
      model.add<Activation>({.activation = "linear", .input_shape = {3, 1}});
    model.compile({.optimizer = "sgd", .loss = "mse", .sample_weight_mode = "temporal"});
    return model.test_on_batch(p, t, weights)["loss"];
  };
  // Squares 1 4 9 16 0 0, times the weights, over the four that are not zero.
  const double weighted = (1 * 1 + 2 * 9 + 0.5 * 16) / 4.0;
  CHECK(loss(false) == Approx(weighted));
  // Four of six steps count: what is left is divided by 4/6 as well.
  CHECK(loss(true) == Approx(weighted * 6 / 4.0));
}

TEST_CASE("penalties count in training and not in testing") {
  const Tensor x = matrix(3, 1, {1, 2, 3}), y = matrix(3, 1, {0, 0, 0});
  const auto losses = [&](DenseOptions options) {
    options.output_dim = 1;
    options.init = "one";
    options.input_shape = {1};
    Sequential model;
    model.add<Dense>(options);
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const double tested = model.test_on_batch(x, y)["loss"];
    return std::pair(tested, model.train_on_batch(x, y)["loss"]);
  };
  const auto [plain, with_l2] = losses({.W_regularizer = l2(0.5)});
  CHECK(plain == Approx(4.6666666667).epsilon(1e-6));
  CHECK(with_l2 == Approx(5.1666666667).epsilon(1e-6));
  const auto [tested, with_activity] = losses({.activity_regularizer = activity_l1(0.5)});
  CHECK(tested == Approx(4.6666666667).epsilon(1e-6));
  CHECK(with_activity == Approx(5.6666666667).epsilon(1e-6));
}

TEST_CASE("models in models in models, saved and loaded: exactly the same loss") {
  Sequential inner;
  inner.add<Dense>({.output_dim = 5, .activation = "relu", .input_shape = {4}});
  Sequential middle;
  middle.add(inner);
  middle.add<BatchNormalization>();
  Sequential outer;
  outer.add(middle);
  outer.add<Dense>({.output_dim = 3});
  expect_same_loss_after_reload(outer);
}

TEST_CASE("merged branches, merges of merges, a branch used twice: exactly the same loss") {
  const auto branch = [] {
    Sequential result;
    result.add<Dense>({.output_dim = 5, .activation = "tanh", .input_shape = {4}});
    return result;
  };
  for (const char* mode : {"sum", "mul", "ave", "concat"}) {
    INFO(mode);
    const Node a = input({4}), b = input({4});
    Sequential left = branch(), right = branch();
    const Node once = merge({left(a), right(b)}, {.mode = mode});
    const Node twice = merge({once, once}, {.mode = mode});
    const Node overlap = merge({left(a), left(a), left(b)}, {.mode = mode});
    const Node both =
        merge({layer<Dense>({.output_dim = 3})(twice), layer<Dense>({.output_dim = 3})(overlap)});
    Model model({a, b}, {both});
    CHECK(model.get_weights().size() == 8);
    expect_same_loss_after_reload(model);
  }
  const Node a = input({4}), b = input({4});
  const Node dot = merge({layer<Dense>({.output_dim = 6})(a), layer<Dense>({.output_dim = 6})(b)},
                         {.mode = "dot", .dot_axes = {1, 1}});
  Model model({a, b}, {layer<Dense>({.output_dim = 3})(dot)});
  CHECK(model.output_shape() == Shape{3});
  expect_same_loss_after_reload(model);
}

TEST_CASE("count_params before and after compile") {
  Sequential model;
  model.add<Dense>({.output_dim = 10, .input_shape = {20}});
  model.add<Dense>({.output_dim = 10});
  model.add<Dense>({.output_dim = 2});
  const std::size_t expected = 20 * 10 + 10 + 10 * 10 + 10 + 10 * 2 + 2;
  CHECK(model.count_params() == expected);
  model.compile({.optimizer = "sgd", .loss = "binary_crossentropy"});
  CHECK(model.count_params() == expected);
}
