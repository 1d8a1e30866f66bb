// The callbacks, one by one on a target that only takes notes, then in runs of `fit`.

#include "cornu/training/callbacks/callback.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/optimizers/sgd.hpp"
#include "cornu/training/callbacks/csv_logger.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/callbacks/learning_rate_scheduler.hpp"
#include "cornu/training/callbacks/model_checkpoint.hpp"
#include "cornu/training/callbacks/reduce_lr_on_plateau.hpp"
#include "cornu/training/callbacks/terminate_on_nan.hpp"

using namespace cornu;

namespace {

class FakeTarget final : public TrainingTarget {
 public:
  Optimizer& optimizer() override { return *optimizer_; }
  void stop_training() override { stopped = true; }
  bool stopping() const override { return stopped; }
  std::vector<Tensor> get_weights() const override { return weights; }
  void set_weights(const std::vector<Tensor>& to) override { weights = to; }
  void save(const std::string& path) const override { saved.push_back(path); }
  void save_weights(const std::string& path) const override { saved.push_back("weights " + path); }
  std::string first_nonfinite() const override { return "the output of dense_2 (Dense)"; }

  bool stopped = false;
  std::vector<Tensor> weights{Tensor(Shape{1})};
  mutable std::vector<std::string> saved;

 private:
  OptimizerPtr optimizer_ = sgd({.lr = 1});
};

Scores scores(std::initializer_list<std::pair<std::string, double>> values) {
  auto names = std::make_shared<std::vector<std::string>>();
  for (const auto& value : values) names->push_back(value.first);
  Scores result(names);
  std::size_t i = 0;
  for (const auto& value : values) result.set(i++, value.second);
  return result;
}

TrainingParams params(std::vector<std::string> metrics, std::size_t first_epoch = 0) {
  TrainingParams result;
  result.first_epoch = first_epoch;
  result.resumed = first_epoch > 0;
  result.metrics = std::move(metrics);
  return result;
}

/// How many epochs a run has whose loss takes these values, and then its last one for ever.
std::size_t epochs_run(Callback& callback, FakeTarget& target, const std::vector<double>& losses,
                       const std::string& name = "loss") {
  callback.on_train_begin(target, params({name}));
  std::size_t epoch = 0;
  for (; epoch < 50 && !target.stopped; ++epoch) {
    target.weights[0](0) = static_cast<Scalar>(epoch);
    callback.on_epoch_end(target, epoch,
                          scores({{name, losses[std::min(epoch, losses.size() - 1)]}}));
  }
  callback.on_train_end(target);
  return epoch;
}

std::string temporary(const std::string& name) {
  return (std::filesystem::temp_directory_path() / ("cornu_callback_test_" + name)).string();
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Two well separated clouds.
struct Clouds {
  Clouds() : x(Shape{120, 4}), y(Shape{120, 2}) {
    RandomStream random(1, Purpose::user);
    for (std::size_t n = 0; n < 120; ++n) {
      const std::size_t label = n % 2;
      for (std::size_t i = 0; i < 4; ++i)
        x(n, i) = static_cast<Scalar>(random.normal() * 0.7 + (label ? 1.0 : -1.0));
      y(n, label) = 1;
    }
  }
  Tensor x, y;
};

std::unique_ptr<Sequential> classifier(OptimizerPtr optimizer = sgd({.lr = 0.1, .momentum = 0.9})) {
  auto model = std::make_unique<Sequential>();
  model->add<Dense>({.output_dim = 6, .activation = "relu", .input_shape = {4}});
  model->add<Dense>({.output_dim = 2, .activation = "softmax"});
  model->compile({.optimizer = std::move(optimizer),
                  .loss = "categorical_crossentropy",
                  .metrics = {"accuracy"}});
  return model;
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool same = a.size() == b.size();
  for (std::size_t i = 0; same && i < a.size(); ++i)
    same = a[i].shape() == b[i].shape() &&
           std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(Scalar)) == 0;
  return same;
}

}  // namespace

TEST_CASE("EarlyStopping ends at the (patience + 1)-th epoch in a row without improvement") {
  for (std::size_t patience = 0; patience < 3; ++patience) {
    FakeTarget target;
    EarlyStopping stopping({.monitor = "loss", .patience = patience});
    CHECK(epochs_run(stopping, target, {1.0}) == patience + 2);  // Keras 1: 2, 3, 4
    CHECK(stopping.stopped());
  }
  FakeTarget target;
  EarlyStopping stopping({.monitor = "loss", .patience = 2});
  CHECK(epochs_run(stopping, target, {5, 6, 6, 4, 5, 5, 5}) == 7);
  CHECK(stopping.best_epoch() == 3);
}

TEST_CASE("EarlyStopping knows large from small, too little, and NaN") {
  FakeTarget a, b, c, d;
  EarlyStopping accuracy({.monitor = "val_acc"});
  CHECK(epochs_run(accuracy, a, {.1, .2, .3, .3}, "val_acc") == 4);
  EarlyStopping max({.monitor = "loss", .mode = "max"});
  CHECK(epochs_run(max, b, {3, 2}) == 2);
  EarlyStopping delta({.monitor = "loss", .min_delta = 0.5});
  CHECK(epochs_run(delta, c, {3, 2, 1.75}) == 3);
  EarlyStopping nan({.monitor = "loss"});
  CHECK(epochs_run(nan, d, {3, std::nan("")}) == 2);
}

TEST_CASE("EarlyStopping gives the best weights back") {
  FakeTarget target;
  EarlyStopping stopping({.monitor = "loss", .patience = 2, .restore_best_weights = true});
  CHECK(epochs_run(stopping, target, {5, 3, 4}) == 5);
  CHECK(target.weights[0](0) == 1);
}

TEST_CASE("a watched score must be there") {
  FakeTarget target;
  EarlyStopping stopping;
  CHECK_THROWS_WITH(stopping.on_train_begin(target, params({"loss", "acc"})),
                    Catch::Contains("val_loss") && Catch::Contains("validation"));
  ReduceLROnPlateau plateau({.monitor = "los"});
  CHECK_THROWS_WITH(plateau.on_train_begin(target, params({"loss", "acc"})),
                    Catch::Contains("'loss'"));
}

TEST_CASE("options of callbacks out of range are refused") {
  CHECK_THROWS_AS(EarlyStopping({.mode = "least"}), Error);
  CHECK_THROWS_AS(EarlyStopping({.min_delta = -1}), ConfigError);
  CHECK_THROWS_AS(ReduceLROnPlateau({.factor = 1}), ConfigError);
  CHECK_THROWS_AS(ReduceLROnPlateau({.min_lr = -1}), ConfigError);
  CHECK_THROWS_AS(CSVLogger(CSVLoggerOptions{}), ConfigError);
  CHECK_THROWS_AS(LearningRateScheduler(std::function<double(std::size_t)>()), ConfigError);
}

TEST_CASE("ReduceLROnPlateau") {
  FakeTarget target;
  ReduceLROnPlateau plateau(
      {.monitor = "loss", .factor = 0.5, .patience = 2, .cooldown = 1, .min_lr = 0.2});
  plateau.on_train_begin(target, params({"loss"}));
  std::vector<double> rates;
  for (std::size_t epoch = 0; epoch < 9; ++epoch) {
    plateau.on_epoch_end(target, epoch, scores({{"loss", 1.0}}));
    rates.push_back(target.optimizer().lr());
  }
  // Keras 1.1.1: best at 0; the third epoch without improvement is 3; after it one of rest, which
  // counts as the first of the next row.
  CHECK(rates == std::vector<double>{1, 1, 1, .5, .5, .5, .25, .25, .25});
}

TEST_CASE("LearningRateScheduler") {
  FakeTarget target;
  LearningRateScheduler own([](std::size_t epoch) { return 1.0 / (1.0 + double(epoch)); });
  own.on_epoch_begin(target, 4);
  CHECK(target.optimizer().lr() == 0.2);
  LearningRateScheduler steps({.schedule = step_decay({.drop = 0.1, .every = 2}), .lr = 0.5});
  steps.on_epoch_begin(target, 1);
  CHECK(target.optimizer().lr() == 0.5);
  steps.on_epoch_begin(target, 2);
  CHECK(target.optimizer().lr() == Approx(0.05));
  LearningRateScheduler broken([](std::size_t) { return -1.0; });
  CHECK_THROWS_AS(broken.on_epoch_begin(target, 0), ConfigError);
}

TEST_CASE("ModelCheckpoint fills its path in") {
  FakeTarget target;
  const Scores now = scores({{"loss", 1.5}, {"val_loss", 0.123456}});
  const auto path = [&](const std::string& pattern) {
    ModelCheckpoint checkpoint({.filepath = pattern});
    checkpoint.on_train_begin(target, params({"loss", "val_loss"}));
    checkpoint.on_epoch_end(target, 7, now);
    return target.saved.back();
  };
  CHECK(path("model.json") == "model.json");
  CHECK(path("m-{epoch:02d}-{val_loss:.2f}.json") == "m-07-0.12.json");
  CHECK(path("{epoch}") == "7");
  CHECK(path("{epoch:4d}") == "   7");
  CHECK(path("{loss}") == "1.500000");
  CHECK(path("{val_loss:09.3e}") == "1.235e-01");
  CHECK(path("{loss:g}") == "1.5");
  CHECK(path("{{{epoch}}}") == "{7}");
  CHECK(path("100%s%n{epoch}") == "100%s%n7");
}

TEST_CASE("ModelCheckpoint refuses malformed paths") {
  for (const char* pattern :
       {"", "{", "}", "a{epoch", "a}b", "{}", "{:02d}", "{epoch:s}", "{epoch:.2d}", "{epoch:2f}",
        "{loss:d}", "{loss:.f}", "{loss:99999f}", "{loss:.99f}", "{loss:.2fx}", "{loss:%n}",
        "{epoch:{epoch}}", "{loss:99999999999999999999f}"}) {
    INFO(pattern);
    CHECK_THROWS_AS(ModelCheckpoint({.filepath = pattern}), ConfigError);
  }
  FakeTarget target;
  ModelCheckpoint checkpoint({.filepath = "{val_lss:.2f}"});
  CHECK_THROWS_WITH(checkpoint.on_train_begin(target, params({"loss", "val_loss"})),
                    Catch::Contains("val_loss"));
}

TEST_CASE("ModelCheckpoint saves all, or improvements, or weights") {
  const auto saved = [](ModelCheckpointOptions options, const std::vector<double>& values) {
    FakeTarget target;
    options.filepath = "{epoch}";
    ModelCheckpoint checkpoint(options);
    checkpoint.on_train_begin(target, params({options.monitor}));
    for (std::size_t epoch = 0; epoch < values.size(); ++epoch)
      checkpoint.on_epoch_end(target, epoch, scores({{options.monitor, values[epoch]}}));
    return target.saved;
  };
  using Paths = std::vector<std::string>;
  CHECK(saved({}, {1, 2, 0}) == Paths{"0", "1", "2"});
  CHECK(saved({.save_best_only = true}, {2, 2, 1, 3, .5}) == Paths{"0", "2", "4"});
  CHECK(saved({.monitor = "val_acc", .save_best_only = true}, {.5, .4, .6}) == Paths{"0", "2"});
  CHECK(saved({.save_best_only = true, .mode = "max"}, {1, 2, 2}) == Paths{"0", "1"});
  CHECK(saved({.save_weights_only = true}, {1}) == Paths{"weights 0"});
}

TEST_CASE("CSVLogger writes a table") {
  const std::string path = temporary("log.csv");
  std::filesystem::remove(path);
  FakeTarget target;
  {
    CSVLogger logger({.filename = path});
    logger.on_train_begin(target, params({"loss", "acc"}));
    logger.on_epoch_end(target, 0, scores({{"loss", 0.1}, {"acc", 1.0 / 3}}));
    CHECK(text_of(path) == "epoch,loss,acc\n0,0.1,0.3333333333333333\n");
    logger.on_epoch_end(target, 1, scores({{"loss", std::nan("")}, {"acc", 1}}));
    logger.on_train_end(target);
  }
  CSVLogger resumed({.filename = path});
  resumed.on_train_begin(target, params({"loss", "acc"}, 2));
  resumed.on_epoch_end(target, 2, scores({{"loss", 1e-300}, {"acc", 1}}));
  resumed.on_train_end(target);
  CHECK(text_of(path) == "epoch,loss,acc\n0,0.1,0.3333333333333333\n1,nan,1\n2,1e-300,1\n");
  CSVLogger again({.filename = path, .separator = ";"});
  again.on_train_begin(target, params({"loss"}));
  again.on_train_end(target);
  CHECK(text_of(path) == "epoch;loss\n");
  CSVLogger nowhere({.filename = "/nonexistent/log.csv"});
  CHECK_THROWS_AS(nowhere.on_train_begin(target, params({})), IoError);
  std::filesystem::remove(path);
}

TEST_CASE("the state of a callback goes through text") {
  const auto through_text = [](const nlohmann::json& state) {
    return nlohmann::json::parse(state.dump());
  };
  FakeTarget target;
  EarlyStopping whole({.monitor = "loss", .patience = 3, .restore_best_weights = true});
  EarlyStopping first({.monitor = "loss", .patience = 3, .restore_best_weights = true});
  const std::vector<double> losses{3, 0.1 + 0.2, 1, 0.4, 2, 2, 2};
  whole.on_train_begin(target, params({"loss"}));
  first.on_train_begin(target, params({"loss"}));
  for (std::size_t epoch = 0; epoch < 3; ++epoch) {
    target.weights[0](0) = static_cast<Scalar>(0.1 * double(epoch + 1));
    for (EarlyStopping* one : {&whole, &first})
      one->on_epoch_end(target, epoch, scores({{"loss", losses[epoch]}}));
  }
  EarlyStopping second({.monitor = "loss", .patience = 3, .restore_best_weights = true});
  second.set_state(through_text(first.state()));
  second.set_state_arrays(first.state_arrays());
  second.on_train_begin(target, params({"loss"}, 3));
  CHECK(second.state() == whole.state());
  for (std::size_t epoch = 3; epoch < 7; ++epoch)
    for (EarlyStopping* one : {&whole, &second}) {
      target.stopped = false;
      one->on_epoch_end(target, epoch, scores({{"loss", losses[epoch]}}));
      CHECK(target.stopped == (epoch >= 5));
    }
  CHECK(second.state() == whole.state());
  second.on_train_end(target);
  CHECK(target.weights[0](0) == static_cast<Scalar>(0.1 * 2.0));

  for (const char* damaged : {"[]", "{}", R"({"best": "x", "wait": 0, "best_epoch": 0,
       "best_weights": []})",
                              R"({"best": 1, "wait": -1, "best_epoch": 0, "best_weights": []})",
                              R"({"best": 1, "wait": 0, "best_epoch": 0, "best_weights": [{}]})"})
    CHECK_THROWS_AS(second.set_state(nlohmann::json::parse(damaged)), FormatError);
  CHECK(second.state() == whole.state());
}

TEST_CASE("hooks are called in order, and those of LambdaCallback only where given") {
  const Clouds clouds;
  std::string calls;
  const auto model = classifier();
  const History history = model->fit(
      clouds.x, clouds.y,
      {.batch_size = 80,
       .nb_epoch = 2,
       .verbose = 0,
       .callbacks = {
           lambda_callback(
               {.on_train_begin =
                    [&](TrainingTarget&, const TrainingParams& run) {
                      calls += "T" + std::to_string(run.nb_sample) + " ";
                    },
                .on_train_end = [&](TrainingTarget&) { calls += "t"; },
                .on_epoch_begin = [&](TrainingTarget&,
                                      std::size_t epoch) { calls += "E" + std::to_string(epoch); },
                .on_epoch_end = [&](TrainingTarget&, std::size_t epoch,
                                    const Scores&) { calls += "e" + std::to_string(epoch) + " "; },
                .on_batch_begin = [&](TrainingTarget&, std::size_t batch,
                                      std::size_t) { calls += "B" + std::to_string(batch); },
                .on_batch_end =
                    [&](TrainingTarget&, std::size_t, std::size_t size, const Scores& now) {
                      CHECK(std::isfinite(now["loss"]));
                      calls += "b" + std::to_string(size);
                    }}),
           lambda_callback({})}});
  CHECK(calls == "T120 E0B0b80B1b40e0 E1B0b80B1b40e1 t");
  CHECK(history["loss"].size() == 2);
}

TEST_CASE("a run that is stopped within an epoch keeps its whole epochs") {
  const Clouds clouds;
  const auto model = classifier();
  std::size_t batches = 0;
  const auto stop = lambda_callback(
      {.on_batch_end = [&](TrainingTarget& target, std::size_t, std::size_t, const Scores&) {
        if (++batches == 9) target.stop_training();
      }});
  const History history = model->fit(
      clouds.x, clouds.y, {.batch_size = 30, .nb_epoch = 100, .verbose = 0, .callbacks = {stop}});
  CHECK(batches == 9);
  CHECK(history.epochs().size() == 2);
  CHECK(model->epochs() == 2);
  CHECK(model->fit(clouds.x, clouds.y, {.nb_epoch = 3, .verbose = 0}).epochs().size() == 3);
}

TEST_CASE("TerminateOnNaN ends the run and says where it began") {
  std::string logged;
  log::set_sink([&](log::Level, std::string_view text) { logged += text; });
  const Clouds clouds;
  const auto model = classifier(sgd({.lr = sizeof(Scalar) == 8 ? 1e200 : 1e30}));
  const auto terminate = terminate_on_nan();
  const History history =
      model->fit(clouds.x, clouds.y, {.nb_epoch = 50, .verbose = 0, .callbacks = {terminate}});
  log::set_sink({});
  CHECK(history.epochs().size() < 50);
  CHECK(terminate->message().find("not finite first: the output of dense") != std::string::npos);
  CHECK(logged.find(terminate->message()) != std::string::npos);
  CHECK(terminate->message().find("epoch 0, batch ") == 0);
  for (const Tensor& weight : model->get_weights())
    for (const Scalar value : weight) REQUIRE(std::isfinite(value));
}

TEST_CASE("Keras's own test of ModelCheckpoint, EarlyStopping and LearningRateScheduler") {
  const Clouds clouds;
  const std::string path = temporary("checkpoint.json");
  for (const char* monitor : {"val_loss", "val_acc"})
    for (const char* mode : {"auto", "min", "max"}) {
      std::filesystem::remove(path);
      const auto model = classifier();
      model->fit(
          clouds.x, clouds.y,
          {.nb_epoch = 1,
           .verbose = 0,
           .callbacks = {model_checkpoint(
               {.filepath = path, .monitor = monitor, .save_best_only = true, .mode = mode})},
           .validation_split = 0.25});
      CHECK(std::filesystem::exists(path));
      CHECK(load_model(path)->epochs() == 1);
    }
  std::filesystem::remove(path);

  const auto model = classifier();
  model->fit(clouds.x, clouds.y,
             {.nb_epoch = 20,
              .verbose = 0,
              .callbacks = {early_stopping({.monitor = "val_acc", .patience = 0, .mode = "max"}),
                            early_stopping({.monitor = "val_acc", .patience = 2})},
              .validation_split = 0.25});
  model->fit(
      clouds.x, clouds.y,
      {.nb_epoch = 5, .verbose = 0, .callbacks = {learning_rate_scheduler([](std::size_t epoch) {
                                      return 1 / (1 + static_cast<double>(epoch));
                                    })}});
  CHECK(model->optimizer().lr() == Approx(0.2));
}

TEST_CASE("a run resumed from a checkpoint is the uninterrupted run, callbacks included") {
  const Clouds clouds;
  const std::string path = temporary("resume.json");
  const auto callbacks = [&](std::vector<CallbackPtr> more = {}) {
    std::vector<CallbackPtr> all{
        reduce_lr_on_plateau(
            {.monitor = "val_loss", .factor = 0.7, .patience = 1, .epsilon = 0.05}),
        early_stopping({.patience = 9, .restore_best_weights = true})};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto options = [](std::vector<CallbackPtr> all, std::size_t first = 0) {
    return FitOptions{.batch_size = 16,
                      .nb_epoch = 8,
                      .verbose = 0,
                      .callbacks = std::move(all),
                      .validation_split = 0.25,
                      .initial_epoch = first};
  };
  const auto make = [] {
    set_seed(42);
    return classifier(
        sgd({.lr = 0.3, .momentum = 0.9, .schedule = cosine_decay({.steps = 40, .warmup = 7})}));
  };
  const auto whole = make();
  whole->fit(clouds.x, clouds.y, options(callbacks()));

  const auto first = make();
  const auto stop =
      lambda_callback({.on_epoch_begin = [](TrainingTarget& target, std::size_t epoch) {
        if (epoch == 4) target.stop_training();
      }});
  first->fit(clouds.x, clouds.y, options(callbacks({model_checkpoint({.filepath = path}), stop})));
  const auto second = load_model(path);
  CHECK(second->epochs() == 4);
  CHECK(second->callback_states().size() == 3);
  const History rest = second->fit(clouds.x, clouds.y, options(callbacks(), second->epochs()));
  CHECK(rest.epochs() == std::vector<std::size_t>{4, 5, 6, 7});
  CHECK(second->optimizer().lr() == whole->optimizer().lr());
  CHECK(second->optimizer().lr() < 0.3);
  CHECK(same_bits(second->get_weights(), whole->get_weights()));
  std::filesystem::remove(path);
}
