// Keras 1's own tests of training, restated: tests/keras/test_optimizers.py,
// test_loss_weighting.py, test_sequential_model.py (evaluate).

#include <catch2/catch.hpp>
#include <cmath>

#include "cornu/core/random.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/time_distributed_dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/optimizers/optimizer.hpp"
#include "cornu/optimizers/sgd.hpp"
#include "cornu/training/objectives/objective.hpp"

using namespace cornu;

namespace {

/// keras/utils/test_utils.py, get_test_data: labels are uniform, and every feature of a sample is
/// normal around its label.
struct TestData {
  TestData(std::size_t samples, std::size_t columns, std::size_t classes, std::uint64_t seed)
      : x(Shape{samples, columns}), y(Shape{samples, classes}), labels(samples) {
    RandomStream random(seed, Purpose::user);
    for (std::size_t n = 0; n < samples; ++n) {
      labels[n] = random.below(classes);
      y(n, labels[n]) = 1;
      for (std::size_t i = 0; i < columns; ++i)
        x(n, i) = static_cast<Scalar>(static_cast<double>(labels[n]) + 0.7 * random.normal());
    }
  }
  /// The samples of one class.
  TestData of_class(std::size_t label) const {
    TestData result(0, x.shape().back(), y.shape().back(), 0);
    std::vector<Scalar> xs, ys;
    for (std::size_t n = 0; n < labels.size(); ++n) {
      if (labels[n] != label) continue;
      const std::size_t columns = x.shape().back(), classes = y.shape().back();
      xs.insert(xs.end(), x.data() + n * columns, x.data() + (n + 1) * columns);
      ys.insert(ys.end(), y.data() + n * classes, y.data() + (n + 1) * classes);
      result.labels.push_back(label);
    }
    const std::size_t samples = result.labels.size();
    result.x = Tensor(Shape{samples, x.shape().back()}, xs);
    result.y = Tensor(Shape{samples, y.shape().back()}, ys);
    return result;
  }

  Tensor x, y;
  std::vector<std::size_t> labels;
};

}  // namespace

TEST_CASE("every optimizer learns to tell two clouds apart") {
  const TestData train(1000, 10, 2, 1), test(200, 10, 2, 2);
  for (const std::string& name : optimizer_names()) {
    set_seed(1337);
    Sequential model;
    model.add<Dense>({.output_dim = 10, .input_shape = {10}});
    model.add<Activation>({.activation = "relu"});
    model.add<Dense>({.output_dim = 2});
    model.add<Activation>({.activation = "softmax"});
    const OptimizerPtr optimizer =
        name == "SGD" ? sgd({.lr = 0.01, .momentum = 0.9, .nesterov = true}) : make_optimizer(name);
    model.compile(
        {.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    const History history = model.fit(train.x, train.y,
                                      {.batch_size = 16,
                                       .nb_epoch = 12,
                                       .verbose = 0,
                                       .validation_data = {.x = test.x, .y = test.y}});
    INFO(name);
    CHECK(history["val_acc"].back() > 0.9);
  }
}

// tests/integration_tests/test_vector_data_tasks.py
TEST_CASE("vectors: two classes, and regression with a hinge loss") {
  const TestData train(500, 20, 2, 7), test(200, 20, 2, 8);
  set_seed(1337);
  Sequential classifier;
  classifier.add<Dense>({.output_dim = 50, .activation = "relu", .input_shape = {20}});
  classifier.add<Dense>({.output_dim = 2, .activation = "softmax"});
  classifier.compile(
      {.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const FitOptions options{.batch_size = 16,
                           .nb_epoch = 12,
                           .verbose = 0,
                           .validation_data = {.x = test.x, .y = test.y}};
  CHECK(classifier.fit(train.x, train.y, options)["val_acc"].back() > 0.8);

  Sequential regression;
  regression.add<Dense>({.output_dim = 50, .activation = "tanh", .input_shape = {20}});
  regression.add<Dense>({.output_dim = 2});
  regression.compile({.optimizer = "adagrad", .loss = "hinge"});
  CHECK(regression.fit(train.x, train.y, options)["val_loss"].back() < 0.9);
}

TEST_CASE("a class with more weight is learned better") {
  const std::size_t heavy = 5;
  const TestData train(2000, 5, 10, 3), test(1000, 5, 10, 4);
  const TestData rest = test.of_class(heavy);
  const auto score = [&](const FitOptions& options) {
    set_seed(1337);
    Sequential model;
    model.add<Dense>({.output_dim = 50, .activation = "relu", .input_shape = {5}});
    model.add<Dense>({.output_dim = 10, .activation = "softmax"});
    model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy"});
    FitOptions all = options;
    all.batch_size = 64;
    all.nb_epoch = 4;
    all.verbose = 0;
    model.fit(train.x, train.y, all);
    return model.evaluate(rest.x, rest.y)["loss"];
  };
  std::map<std::size_t, double> class_weight;
  Tensor sample_weight(Shape{2000});
  for (std::size_t c = 0; c < 10; ++c) class_weight[c] = c == heavy ? 10 : 1;
  for (std::size_t n = 0; n < 2000; ++n) sample_weight(n) = train.labels[n] == heavy ? 10 : 1;

  const double plain = score({});
  const double by_class = score({.class_weight = class_weight});
  const double by_sample = score({.sample_weight = sample_weight});
  CHECK(by_class < plain);
  CHECK(by_sample == by_class);  // the same weights by another way
  // Weights of samples win over those of classes.
  Tensor ones(Shape{2000});
  std::fill(ones.begin(), ones.end(), Scalar{1});
  CHECK(score({.class_weight = class_weight, .sample_weight = ones}) == plain);
}

TEST_CASE("evaluate is the mean of the objective over what predict says") {
  const TestData data(100, 16, 4, 5);
  Sequential model;
  model.add<Dense>({.output_dim = 8, .activation = "relu", .input_shape = {16}});
  model.add<Dense>({.output_dim = 4, .activation = "softmax"});
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy"});
  model.fit(data.x, data.y, {.nb_epoch = 1, .verbose = 0, .validation_split = 0.1});
  const Tensor predicted = model.predict(data.x);
  std::vector<Scalar> scores(100);
  find_objective("categorical_crossentropy")->score(data.y.view(), predicted.view(), scores);
  double mean = 0;
  for (const Scalar one : scores) mean += static_cast<double>(one) / 100;
  CHECK(model.evaluate(data.x, data.y)["loss"] == Approx(mean).epsilon(1e-5));
  CHECK(model.evaluate(data.x, data.y, {.batch_size = 7})["loss"] == Approx(mean).epsilon(1e-5));
}

TEST_CASE("a masked loss is exactly what Keras's test says") {
  const Tensor x(Shape{2, 4, 2}, std::vector<Scalar>{1, 1, 2, 1, 3, 1, 5, 5,  //
                                                     1, 5, 5, 0, 0, 0, 0, 0});
  Sequential model;
  model.add<Masking>({.mask_value = 0, .input_shape = {4, 2}});
  model.add<TimeDistributedDense>({.output_dim = 1, .init = "one"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  // Targets are four times what the model says.
  Tensor y = model.predict(x);
  for (Scalar& value : y) value *= 4;
  const double loss =
      model.fit(x, y, {.batch_size = 2, .nb_epoch = 1, .verbose = 0})["loss"].back();
  // The steps that count predict 2, 3, 4, 10, 6, 5: the mean of (3 p)^2 over the six of them.
  CHECK(loss == 285.0);

  Tensor weights(Shape{2});
  weights(0) = 1;
  model.compile({.optimizer = "sgd", .loss = "mae", .metrics = {"mae"}});
  CHECK(std::isfinite(model.evaluate(x, y, {.sample_weight = weights})["loss"]));
}
