// What `compile` and `fit` take: scores by the names asked for, weighted metrics, class weights,
// validation, batches.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <thread>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/threads.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/time_distributed_dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/optimizers/sgd.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/callbacks/model_checkpoint.hpp"
#include "cornu/training/callbacks/terminate_on_nan.hpp"
#include "cornu/training/sources/generator_source.hpp"

using namespace cornu;

namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor result(shape);
  RandomStream(seed, Purpose::user).fill_uniform(result.array(), -1, 1);
  return result;
}

Tensor one_hot(std::size_t rows, std::size_t classes) {
  Tensor result(Shape{rows, classes});
  for (std::size_t r = 0; r < rows; ++r) result(r, r % classes) = 1;
  return result;
}

std::unique_ptr<Sequential> classifier(CompileOptions options = {.optimizer = "sgd",
                                                                 .loss = "categorical_crossentropy",
                                                                 .metrics = {"accuracy", "mae"}}) {
  set_seed(11);
  auto model = std::make_unique<Sequential>();
  model->add<Dense>({.output_dim = 3, .activation = "softmax", .input_shape = {4}});
  model->compile(options);
  return model;
}

}  // namespace

TEST_CASE("scores are found by the names that were asked for, beside Keras's") {
  const auto model = classifier();
  const Tensor x = random_tensor(Shape{12, 4}, 1), y = one_hot(12, 3);
  const Scores scores = model->evaluate(x, y);
  CHECK(scores["accuracy"] == scores["acc"]);
  CHECK(scores["mae"] == scores["mean_absolute_error"]);
  CHECK(scores.contains("mae"));
  CHECK_FALSE(scores.contains("mse"));
  CHECK_THROWS_WITH(scores["auc"], Catch::Contains("mean_absolute_error"));
  const History history = model->fit(x, y, {.nb_epoch = 2, .verbose = 0, .validation_split = 0.25});
  CHECK(history["val_accuracy"] == history["val_acc"]);
  CHECK(history["val_mae"].size() == 2);
  CHECK(history.contains("MAE"));
  CHECK_FALSE(history.contains("curacy"));
  const auto stopping = early_stopping({.monitor = "val_accuracy", .patience = 5});
  model->fit(x, y,
             {.nb_epoch = 2, .verbose = 0, .callbacks = {stopping}, .validation_split = 0.25});
}

TEST_CASE("weighted metrics count sample weights in") {
  const auto model = classifier({.optimizer = "sgd",
                                 .loss = "categorical_crossentropy",
                                 .metrics = {"accuracy"},
                                 .weighted_metrics = {"accuracy", "f1"}});
  const Tensor x = random_tensor(Shape{6, 4}, 1), y = one_hot(6, 3);
  const Tensor first(Shape{6}, std::vector<Scalar>{1, 1, 1, 0, 0, 0});
  const Scores weighted = model->evaluate(x, y, {.sample_weight = first});
  Tensor half_x(Shape{3, 4}), half_y(Shape{3, 3});
  std::copy_n(x.data(), 12, half_x.data());
  std::copy_n(y.data(), 9, half_y.data());
  CHECK(weighted["weighted_accuracy"] == Approx(model->evaluate(half_x, half_y)["acc"]));
  CHECK(weighted["acc"] == model->evaluate(x, y)["acc"]);
  CHECK_THROWS_WITH(classifier({.optimizer = "sgd", .loss = "mse", .weighted_metrics = {"auc"}}),
                    Catch::Contains("takes no sample weights"));
}

TEST_CASE("weighted metrics leave masked steps out") {
  set_seed(4);
  Sequential model;
  model.add<Masking>({.input_shape = {3, 2}});
  model.add<TimeDistributedDense>({.output_dim = 1});
  model.compile(
      {.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}});
  Tensor x = random_tensor(Shape{2, 3, 2}, 2);
  Tensor y(Shape{2, 3, 1});
  for (std::size_t d = 0; d < 2; ++d) x(0, 2, d) = x(1, 1, d) = 0;
  y(0, 2, 0) = y(1, 1, 0) = 1000;  // masked
  const Scores scores = model.evaluate(x, y);
  CHECK(scores["mae"] > 100);
  CHECK(scores["weighted_mae"] < 10);
}

TEST_CASE("class weights of each output") {
  const Node in = input({4});
  const Node a = layer<Dense>({.output_dim = 3, .activation = "softmax", .name = "a"})(in);
  const Node b = layer<Dense>({.output_dim = 3, .activation = "softmax", .name = "b"})(in);
  Model model({in}, {a, b});
  model.compile({.optimizer = sgd({.lr = 0.1}), .loss = "categorical_crossentropy"});
  const auto start = model.get_weights();
  const Tensor x = random_tensor(Shape{6, 4}, 1), y = one_hot(6, 3);
  const auto after = [&](const FitOptions& options) {
    model.set_weights(start);
    model.fit(x, {y, y}, options);
    return model.get_weights();
  };
  const std::map<std::size_t, double> factors{{0, 5.0}, {1, 1.0}, {2, 0.0}};
  const auto plain = after({.nb_epoch = 1, .verbose = 0});
  const auto one = after({.nb_epoch = 1,
                          .verbose = 0,
                          .class_weight = named<std::map<std::size_t, double>>({{"b", factors}})});
  const auto both = after({.nb_epoch = 1, .verbose = 0, .class_weight = factors});
  CHECK(one[0](0, 0) == plain[0](0, 0));
  CHECK(one[2](0, 0) == both[2](0, 0));
  CHECK(one[2](0, 0) != plain[2](0, 0));
  CHECK_THROWS_AS(after({.nb_epoch = 1,
                         .verbose = 0,
                         .class_weight = named<std::map<std::size_t, double>>({{"c", factors}})}),
                  ConfigError);
}

TEST_CASE("class weights do not weigh the validation, however that is given") {
  const Tensor x = random_tensor(Shape{12, 4}, 1), y = one_hot(12, 3);
  Tensor tail_x(Shape{3, 4}), tail_y(Shape{3, 3});
  std::copy_n(x.data() + 36, 12, tail_x.data());
  std::copy_n(y.data() + 27, 9, tail_y.data());
  const std::map<std::size_t, double> factors{{0, 9.0}, {1, 1.0}, {2, 0.5}};
  const auto split = classifier();
  const double by_split = split->fit(x, y,
                                     {.nb_epoch = 1,
                                      .verbose = 0,
                                      .validation_split = 0.25,
                                      .class_weight = factors})["val_loss"][0];
  CHECK(by_split == split->evaluate(tail_x, tail_y)["loss"]);
}

TEST_CASE("validation_split cuts where Keras does") {
  const struct {
    std::size_t samples;
    double split;
  } cases[] = {{10, 0.3}, {7, 0.2}, {100, 0.29}, {33, 0.1}, {5, 0.5}};
  for (const auto& [samples, split] : cases) {
    const auto model = classifier();
    std::size_t trained = 0;
    const auto count =
        lambda_callback({.on_train_begin = [&](TrainingTarget&, const TrainingParams& params) {
          trained = params.nb_sample;
        }});
    model->fit(random_tensor(Shape{samples, 4}, 1), one_hot(samples, 3),
               {.nb_epoch = 1, .verbose = 0, .callbacks = {count}, .validation_split = split});
    CHECK(trained == static_cast<std::size_t>(double(samples) * (1. - split)));
  }
}

TEST_CASE("fit can leave a last, smaller batch out") {
  const auto model = classifier();
  std::vector<std::size_t> sizes;
  const auto look =
      lambda_callback({.on_batch_end = [&](TrainingTarget&, std::size_t, std::size_t size,
                                           const Scores&) { sizes.push_back(size); }});
  const Tensor x = random_tensor(Shape{10, 4}, 1), y = one_hot(10, 3);
  model->fit(
      x, y, {.batch_size = 4, .nb_epoch = 1, .verbose = 0, .callbacks = {look}, .drop_last = true});
  CHECK(sizes == std::vector<std::size_t>{4, 4});
  CHECK_THROWS_WITH(model->fit(x, y, {.batch_size = 16, .verbose = 0, .drop_last = true}),
                    Catch::Contains("drop_last leaves out all of 10 samples"));
}

TEST_CASE("a fixed number of samples is that of every batch") {
  set_seed(1);
  Sequential model;
  model.add<Dense>({.output_dim = 3, .batch_input_shape = {4, 2}});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = random_tensor(Shape{8, 2}, 1), y(Shape{8, 3});
  const auto wrong = Catch::Contains("in batches of 4 samples");
  CHECK_THROWS_WITH(model.fit(x, y, {.batch_size = 8, .verbose = 0}), wrong);
  CHECK_THROWS_WITH(model.train_on_batch(x, y), wrong);
  CHECK_THROWS_WITH(model.test_on_batch(x, y), wrong);
  GeneratorSource source([&](std::size_t, std::size_t number, TensorBatch& batch) {
    batch.x = {x};
    batch.y = {y};
    return number == 0;
  });
  CHECK_THROWS_WITH(model.fit(source, {.verbose = 0}), wrong);
  model.fit(x, y, {.batch_size = 4, .nb_epoch = 1, .verbose = 0});
  CHECK(model.predict(x).shape() == Shape{8, 3});  // four by four
  model.evaluate(x, y);
  const Tensor six(Shape{6, 2}), six_y(Shape{6, 3});
  CHECK_THROWS_WITH(model.predict(six), wrong);
  CHECK_THROWS_WITH(model.fit(six, six_y, {.batch_size = 4, .verbose = 0}), wrong);
  model.fit(six, six_y, {.batch_size = 4, .nb_epoch = 1, .verbose = 0, .drop_last = true});
}

TEST_CASE("a validation loss that is infinite ends fit like any other") {
  log::set_level(log::Level::off);
  const auto make = [] {
    set_seed(2);
    auto model = std::make_unique<Sequential>();
    model->add<Dense>({.output_dim = 1, .input_shape = {2}});
    model->compile({.optimizer = sgd({.lr = 0}), .loss = "mse"});
    return model;
  };
  const Tensor x = random_tensor(Shape{4, 2}, 1), y(Shape{4, 1});
  Tensor far(Shape{4, 1});
  std::fill(far.begin(), far.end(), std::numeric_limits<Scalar>::max());
  const ValidationData validation{x, far};
  const auto stop = terminate_on_nan();
  const History history = make()->fit(
      x, y, {.nb_epoch = 3, .verbose = 0, .callbacks = {stop}, .validation_data = validation});
  CHECK(history.epochs().size() == 1);
  CHECK(std::isinf(history["val_loss"][0]));
  CHECK(std::isfinite(history["loss"][0]));
  CHECK_THAT(stop->message(), Catch::Contains("validation: the loss is infinite"));
  CHECK_THROWS_WITH(make()->fit(x, y, {.nb_epoch = 3, .verbose = 0, .validation_data = validation}),
                    Catch::Contains("[fit, validation] the loss is infinite"));
  log::set_level(log::Level::warning);
}

TEST_CASE("BatchNormalization trained with batches of one sample is warned of") {
  std::string said;
  log::set_sink([&](log::Level, std::string_view text) { said += text; });
  const auto fit = [&](std::size_t samples, std::size_t batch_size, int mode, bool drop_last) {
    said.clear();
    set_seed(3);
    Sequential model;
    model.add<Dense>({.output_dim = 3, .input_shape = {2}});
    model.add<BatchNormalization>({.mode = mode});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    model.fit(random_tensor(Shape{samples, 2}, 1), Tensor(Shape{samples, 3}),
              {.batch_size = batch_size, .nb_epoch = 1, .verbose = 0, .drop_last = drop_last});
    return said;
  };
  CHECK_THAT(fit(4, 1, 0, false), Catch::Contains("batches of one sample"));
  CHECK_THAT(fit(5, 4, 0, false), Catch::Contains("a last batch of one sample"));
  CHECK(fit(5, 4, 0, true).empty());
  CHECK(fit(4, 1, 1, false).empty());
  CHECK(fit(6, 4, 0, false).empty());
  log::set_sink({});
}

TEST_CASE("the class of a row with a NaN is not answered") {
  const auto model = classifier();
  Tensor x = random_tensor(Shape{3, 4}, 1);
  x(1, 2) = std::numeric_limits<Scalar>::quiet_NaN();
  CHECK_THROWS_WITH(model->predict_classes(x), Catch::Contains("the output of sample 1 is NaN"));
}

TEST_CASE("the number of threads is bounded") {
  set_num_threads(1000000);
  CHECK(num_threads() <= std::max(16u, 4 * std::thread::hardware_concurrency()));
  set_num_threads(2);
  CHECK(num_threads() == 2);
  set_num_threads(0);
}
