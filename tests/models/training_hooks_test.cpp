// Every public function of a model called from every hook, generator, layer and metric, on the
// model that trains and on another: it works without changing what the run reports, or throws an
// Error.

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/inspection/memory.hpp"
#include "cornu/inspection/profile.hpp"
#include "cornu/inspection/trace.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/optimizers/sgd.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/interrupt.hpp"
#include "cornu/training/callbacks/lambda_callback.hpp"
#include "cornu/training/callbacks/terminate_on_nan.hpp"
#include "cornu/training/metrics/metric.hpp"
#include "cornu/training/sources/generator_source.hpp"

using namespace cornu;

namespace {

/// What is called from within, and whether it may only throw on the model that trains.
struct Meddle {
  const char* name;
  std::function<void(Sequential&)> call;
};

struct Numbers {
  Numbers() : x(Shape{12, 3}), y(Shape{12, 2}) {
    RandomStream random(5, Purpose::user);
    random.fill_uniform(x.array(), -1, 1);
    random.fill_uniform(y.array(), 0, 1);
  }
  Tensor x, y;
};

const Numbers& numbers() {
  static const Numbers all;
  return all;
}

std::string temporary(const char* name) {
  return (std::filesystem::temp_directory_path() / ("cornu_hooks_test_" + std::string(name)))
      .string();
}

std::vector<Meddle> calls() {
  const Tensor &x = numbers().x, &y = numbers().y;
  const auto settings = [] {
    return CompileOptions{.optimizer = "sgd", .loss = "mse", .metrics = {"mae"}};
  };
  return {
      {"compile", [=](Sequential& m) { m.compile(settings()); }},
      {"add", [](Sequential& m) { m.add<Dense>({.output_dim = 1}); }},
      {"pop", [](Sequential& m) { m.pop(); }},
      {"fit", [&](Sequential& m) { m.fit(x, y, {.nb_epoch = 1, .verbose = 0}); }},
      {"fit of a source",
       [&](Sequential& m) {
         GeneratorSource source([&](std::size_t, std::size_t number, TensorBatch& batch) {
           batch.x = {x};
           batch.y = {y};
           return number < 1;
         });
         m.fit(source, {.nb_epoch = 1, .verbose = 0});
       }},
      {"evaluate", [&](Sequential& m) { m.evaluate(x, y); }},
      {"train_on_batch", [&](Sequential& m) { m.train_on_batch(x, y); }},
      {"test_on_batch", [&](Sequential& m) { m.test_on_batch(x, y); }},
      {"predict", [&](Sequential& m) { m.predict(x); }},
      {"predict_on_batch", [&](Sequential& m) { m.predict_on_batch(x); }},
      {"predict_classes", [&](Sequential& m) { m.predict_classes(x); }},
      {"get_weights", [](Sequential& m) { m.get_weights(); }},
      {"set_weights", [](Sequential& m) { m.set_weights(m.get_weights()); }},
      {"save", [](Sequential& m) { m.save(temporary("save.json")); }},
      {"save_weights", [](Sequential& m) { m.save_weights(temporary("weights.json")); }},
      {"load_weights",
       [](Sequential& m) {
         m.save_weights(temporary("weights.json"));
         m.load_weights(temporary("weights.json"));
       }},
      {"to_json", [](Sequential& m) { m.to_json(); }},
      {"summary", [](Sequential& m) { m.summary(); }},
      {"memory", [](Sequential& m) { m.memory(); }},
      {"profile", [&](Sequential& m) { m.profile(x, y, 1); }},
      {"trace", [&](Sequential& m) { m.trace(x, y); }},
      {"set_seed", [](Sequential& m) { m.set_seed(99); }},
      {"set_epochs", [](Sequential& m) { m.set_epochs(7); }},
      {"callback_states", [](Sequential& m) { m.set_callback_states(m.callback_states()); }},
      {"metrics_names", [](Sequential& m) { m.metrics_names(); }},
      {"layers", [](Sequential& m) { m.layers(), m.get_layer(0), m.count_params(); }},
      {"set_trainable", [](Sequential& m) { m.set_trainable(m.trainable()); }},
      {"lr", [](Sequential& m) { m.optimizer().set_lr(m.optimizer().lr()); }},
      {"first_nonfinite", [](Sequential& m) { m.first_nonfinite(); }},
  };
}

/// What a run reports: its history, then its weights.
struct Report {
  std::vector<double> scores;
  std::vector<Tensor> weights;
  bool operator==(const Report& other) const {
    if (scores != other.scores || weights.size() != other.weights.size()) return false;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (std::memcmp(weights[i].data(), other.weights[i].data(),
                      weights[i].size() * sizeof(Scalar)) != 0)
        return false;
    return true;
  }
};

/// Called from within layers and metrics, once in a run of `fit`.
std::function<void()>* within_step = nullptr;

void call_within_step() {
  if (within_step == nullptr) return;
  const auto call = *within_step;
  within_step = nullptr;  // what is called may come here, too
  call();
}

double meddling(ConstView, ConstView) {
  call_within_step();
  return 1;
}

std::unique_ptr<Sequential> model(std::uint64_t seed) {
  set_seed(seed);
  auto made = std::make_unique<Sequential>();
  made->add<Dense>({.output_dim = 4, .activation = "tanh", .input_shape = {3}});
  made->add<Dropout>({.p = 0.25});
  made->add<Dense>({.output_dim = 2});
  made->compile({.optimizer = sgd({.lr = 0.1, .momentum = 0.5}),
                 .loss = "mse",
                 .metrics = {"mae", "auc", "meddling"}});
  return made;
}

const char* const hooks[] = {"train begin", "epoch begin", "batch begin", "batch end", "epoch end",
                             "state",       "train end",   "generator",   "metric"};

/// One run in which `call` is made once from a hook.
Report run(Sequential& trained, const std::string& hook, const std::function<void()>& call) {
  bool done = false;
  const auto at = [&](const char* name) {
    if (done || hook != name) return;
    done = true;
    call();
  };
  const auto callback = lambda_callback(
      {.on_train_begin = [&](TrainingTarget&, const TrainingParams&) { at("train begin"); },
       .on_train_end = [&](TrainingTarget&) { at("train end"); },
       .on_epoch_begin = [&](TrainingTarget&, std::size_t) { at("epoch begin"); },
       .on_epoch_end = [&](TrainingTarget&, std::size_t, const Scores&) { at("epoch end"); },
       .on_batch_begin =
           [&](TrainingTarget&, std::size_t batch, std::size_t) {
             if (batch == 1) at("batch begin");
           },
       .on_batch_end =
           [&](TrainingTarget&, std::size_t batch, std::size_t, const Scores&) {
             if (batch == 1) at("batch end");
           },
       .on_state = [&](TrainingTarget&, const RunState&) { at("state"); }});
  GeneratorSource source(
      [&](std::size_t, std::size_t number, TensorBatch& batch) {
        if (number == 1) at("generator");
        if (number == 3) return false;
        batch.x = {Tensor(Shape{4, 3})};
        batch.y = {Tensor(Shape{4, 2})};
        std::copy_n(numbers().x.data() + 12 * number, 12, batch.x[0].data());
        std::copy_n(numbers().y.data() + 8 * number, 8, batch.y[0].data());
        return true;
      },
      12);
  std::function<void()> within = [&] { at("metric"); };
  if (hook == "metric") within_step = &within;
  History history;
  try {
    history = trained.fit(source, {.nb_epoch = 2,
                                   .verbose = 0,
                                   .callbacks = {callback},
                                   .validation_data = {numbers().x, numbers().y}});
  } catch (...) {
    within_step = nullptr;
    throw;
  }
  within_step = nullptr;
  REQUIRE((done || hook == "nothing"));
  Report report{{}, trained.get_weights()};
  for (const std::string& name : history.names())
    for (const double value : history[name]) report.scores.push_back(value);
  return report;
}

void register_meddling() {
  static const bool once = (register_metric("meddling", meddling), true);
  (void)once;
}

}  // namespace

TEST_CASE("what is called from a hook works without changing the run, or throws an Error") {
  register_meddling();
  log::set_level(log::Level::off);
  const Report undisturbed = run(*model(1), "nothing", [] {});
  for (const char* hook : hooks)
    for (const Meddle& call : calls())
      for (const bool other : {false, true}) {
        CAPTURE(hook, call.name, other);
        const auto trained = model(1);
        const auto meant = other ? model(2) : nullptr;
        bool refused = false;
        const Report report = run(*trained, hook, [&] {
          try {
            call.call(other ? *meant : *trained);
          } catch (const Error&) {
            refused = true;
          }
        });
        CHECK(report == undisturbed);
        // Another model is free to do anything.
        if (other) CHECK_FALSE(refused);
        const std::string name = call.name;
        if (!other && (name == "compile" || name == "add" || name == "pop" || name == "fit" ||
                       name == "train_on_batch" || name == "set_seed"))
          CHECK(refused);
        if (!other && name == "evaluate" && std::string(hook) != "metric") CHECK_FALSE(refused);
      }
  log::set_level(log::Level::warning);
}

TEST_CASE("the text says what may not be called, and when it may") {
  const auto trained = model(1);
  const auto again =
      lambda_callback({.on_epoch_end = [&](TrainingTarget&, std::size_t, const Scores&) {
        trained->compile({.optimizer = "adam", .loss = "mse"});
      }});
  CHECK_THROWS_WITH(trained->fit(numbers().x, numbers().y, {.verbose = 0, .callbacks = {again}}),
                    Catch::Contains("[compile] cannot be called while fit runs") &&
                        Catch::Contains("stop_training"));
  trained->compile({.optimizer = "adam", .loss = "mse"});  // now it may
  trained->fit(numbers().x, numbers().y, {.nb_epoch = 1, .verbose = 0});
}

namespace {

/// Counts its begins and ends, and throws where it is told to.
class Counting final : public Callback {
 public:
  explicit Counting(std::string where = {}) : where_(std::move(where)) {}
  void on_train_begin(TrainingTarget&, const TrainingParams&) override {
    fail("train begin");
    ++begun;
  }
  void on_train_end(TrainingTarget&) override {
    ++ended;
    fail("train end");
  }
  void on_epoch_begin(TrainingTarget&, std::size_t) override { fail("epoch begin"); }
  void on_epoch_end(TrainingTarget&, std::size_t, const Scores&) override { fail("epoch end"); }
  void on_batch_begin(TrainingTarget&, std::size_t, std::size_t) override { fail("batch begin"); }
  void on_batch_end(TrainingTarget&, std::size_t, std::size_t, const Scores&) override {
    fail("batch end");
  }
  void on_state(TrainingTarget&, const RunState&) override { fail("state"); }

  int begun = 0, ended = 0;

 private:
  void fail(const char* here) const {
    if (where_ == here) throw std::runtime_error("thrown at " + where_);
  }
  std::string where_;
};

}  // namespace

TEST_CASE("each callback that has begun is ended once, whatever throws, and that comes out") {
  register_meddling();
  log::set_level(log::Level::off);
  for (const std::string where : {"train begin", "epoch begin", "batch begin", "batch end", "state",
                                  "epoch end", "train end"}) {
    CAPTURE(where);
    const auto before = std::make_shared<Counting>(), after = std::make_shared<Counting>();
    const auto throwing = std::make_shared<Counting>(where);
    // The first error wins: what this one throws at its end is only seen when nothing else failed.
    const auto last = std::make_shared<Counting>(where == "train end" ? "" : "train end");
    const auto trained = model(1);
    CHECK_THROWS_WITH(trained->fit(numbers().x, numbers().y,
                                   {.verbose = 0, .callbacks = {before, throwing, after, last}}),
                      "thrown at " + where);
    for (const auto& callback : {before, throwing, after, last})
      CHECK(callback->ended == callback->begun);
    CHECK(before->begun == 1);
    CHECK(after->begun == (where == "train begin" ? 0 : 1));
    // They can be used again.
    trained->fit(numbers().x, numbers().y, {.nb_epoch = 1, .verbose = 0, .callbacks = {before}});
    CHECK(before->ended == 2);
  }
  log::set_level(log::Level::warning);
}

TEST_CASE("Ctrl-C is the program's own again after a callback refused") {
  const auto trained = model(1);
  struct sigaction before {};
  sigaction(SIGINT, nullptr, &before);  // the test program has one of its own
  CHECK_THROWS_AS(
      trained->fit(numbers().x, numbers().y,
                   {.verbose = 0,
                    .callbacks = {stop_on_interrupt(), early_stopping({.monitor = "val_los"})}}),
      ConfigError);
  struct sigaction now {};
  sigaction(SIGINT, nullptr, &now);
  CHECK(now.sa_handler == before.sa_handler);
}

TEST_CASE("what on_train_end throws after a run that ended well leaves fit") {
  const auto trained = model(1);
  const auto save = lambda_callback(
      {.on_train_end = [](TrainingTarget& target) { target.save("not-there/model.json"); }});
  CHECK_THROWS_AS(
      trained->fit(numbers().x, numbers().y, {.nb_epoch = 1, .verbose = 0, .callbacks = {save}}),
      IoError);
}

TEST_CASE("a callback is in one run at a time, and once in it") {
  const auto outer = model(1), inner = model(2);
  const auto shared = early_stopping({.monitor = "loss"});
  const auto nested =
      lambda_callback({.on_epoch_end = [&](TrainingTarget&, std::size_t, const Scores&) {
        inner->fit(numbers().x, numbers().y, {.verbose = 0, .callbacks = {shared}});
      }});
  CHECK_THROWS_WITH(
      outer->fit(numbers().x, numbers().y, {.verbose = 0, .callbacks = {shared, nested}}),
      Catch::Contains("EarlyStopping loss") && Catch::Contains("is in a run already"));
  CHECK_THROWS_WITH(
      outer->fit(numbers().x, numbers().y, {.verbose = 0, .callbacks = {shared, shared}}),
      Catch::Contains("is given twice"));
  // One run after the other is as with callbacks of their own.
  outer->fit(numbers().x, numbers().y, {.nb_epoch = 2, .verbose = 0, .callbacks = {shared}});
  inner->fit(numbers().x, numbers().y, {.nb_epoch = 2, .verbose = 0, .callbacks = {shared}});
}

TEST_CASE("one optimizer object in two models trains each as one of its own would") {
  const auto trained = [](OptimizerPtr first, OptimizerPtr second) {
    set_seed(3);
    std::vector<Tensor> weights;
    Sequential a, b;
    for (Sequential* m : {&a, &b}) m->add<Dense>({.output_dim = 2, .input_shape = {3}});
    a.compile({.optimizer = first, .loss = "mse"});
    b.compile({.optimizer = second, .loss = "mse"});
    for (int step = 0; step < 5; ++step)
      for (Sequential* m : {&a, &b}) m->train_on_batch(numbers().x, numbers().y);
    return Report{{}, {a.get_weights()[0], b.get_weights()[0]}};
  };
  const OptimizerPtr shared = make_optimizer("adam");
  CHECK(trained(shared, shared) == trained(make_optimizer("adam"), make_optimizer("adam")));
}

TEST_CASE("a model compiled again with the same optimizer object begins anew") {
  const auto weights = [](bool same) {
    set_seed(3);
    Sequential m;
    m.add<Dense>({.output_dim = 2, .input_shape = {3}});
    const OptimizerPtr first = make_optimizer("adam");
    m.compile({.optimizer = first, .loss = "mse"});
    for (int step = 0; step < 5; ++step) m.train_on_batch(numbers().x, numbers().y);
    m.compile({.optimizer = same ? first : make_optimizer("adam"), .loss = "mse"});
    for (int step = 0; step < 5; ++step) m.train_on_batch(numbers().x, numbers().y);
    return Report{{}, m.get_weights()};
  };
  CHECK(weights(true) == weights(false));
}

TEST_CASE("the seed of a model reaches noise and order, before compile and after it") {
  const auto weights = [](int when) {
    set_seed(1);
    Sequential m;
    m.add<Dense>({.output_dim = 20, .activation = "tanh", .input_shape = {3}});
    m.add<Dropout>({.p = 0.5});
    m.add<Dense>({.output_dim = 2});
    if (when == 1) m.set_seed(99);
    m.compile({.optimizer = "sgd", .loss = "mse"});
    if (when == 2) m.set_seed(99);
    m.fit(numbers().x, numbers().y, {.nb_epoch = 2, .verbose = 0, .shuffle = false});
    return Report{{}, m.get_weights()};
  };
  CHECK_FALSE(weights(0) == weights(1));
  CHECK(weights(1) == weights(2));
}
