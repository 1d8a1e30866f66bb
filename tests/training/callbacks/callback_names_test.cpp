// Callbacks by name, those of the user's own among them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/callbacks/early_stopping.hpp"
#include "cornu/training/callbacks/terminate_on_nan.hpp"

using namespace cornu;
using Catch::Matchers::Contains;

namespace {

/// A run of a few steps on nothing much.
std::size_t fit(std::size_t nb_epoch, std::vector<CallbackPtr> callbacks, Sequential& model) {
  model.add<Dense>({.output_dim = 1, .input_shape = {2}});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x(Shape{4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}), y(Shape{4, 1}, {0, 1, 0, 1});
  return model.fit(x, y, {.nb_epoch = nb_epoch, .verbose = 0, .callbacks = std::move(callbacks)})
      .epochs()
      .size();
}

struct CountingOptions {
  std::size_t step = 1;
  void describe(Fields& fields) {
    fields.field("step", step, Range::at_least(1), "what an epoch counts");
  }
};

struct Counting final : Callback {
  using Options = CountingOptions;
  explicit Counting(CountingOptions options) : options_(options) {}
  void on_epoch_end(TrainingTarget&, std::size_t, const Scores&) override {
    count += options_.step;
  }
  std::size_t count = 0;

 private:
  CountingOptions options_;
};

}  // namespace

TEST_CASE("callbacks are found by name") {
  for (const char* name : {"CSVLogger", "EarlyStopping", "LearningRateScheduler", "ModelCheckpoint",
                           "ReduceLROnPlateau", "StopOnInterrupt", "TerminateOnNaN"}) {
    const std::vector<std::string> names = callback_names();
    CHECK(std::count(names.begin(), names.end(), name) == 1);
  }
  CHECK(std::dynamic_pointer_cast<TerminateOnNaN>(make_callback("TerminateOnNaN")));
  CHECK_THROWS_WITH(make_callback("early_stoping"),
                    Contains("[fit] unknown callback") && Contains("did you mean 'EarlyStopping'"));
  CHECK_THROWS_WITH(make_callback("CSVLogger"), Contains("expected a filename"));
  CHECK_THROWS_WITH(callback_from_json(R"({"name": "EarlyStopping", "patiense": 1})"),
                    Contains("patiense") && Contains("patience"));
  CHECK_THROWS_AS(callback_from_json(R"({"name": "EarlyStopping", "min_delta": -1})"), FormatError);
  CHECK_THROWS_AS(callback_from_json("{"), FormatError);

  const auto stopping = std::dynamic_pointer_cast<EarlyStopping>(callback_from_json(
      R"({"class_name": "EarlyStopping",
          "config": {"monitor": "loss", "mode": "max", "min_delta": 1e9, "patience": 1}})"));
  REQUIRE(stopping);
  const CallbackPtr halving = callback_from_json(R"({"name": "LearningRateScheduler",
      "lr": 0.01, "schedule": {"name": "step_decay", "drop": 0.5, "every": 1}})");
  Sequential model;
  CHECK(fit(9, {stopping, halving}, model) == 3);
  CHECK(stopping->stopped());
  CHECK(model.optimizer().lr() == 0.0025);  // 0.01 * 0.5^2 in the third epoch
}

TEST_CASE("a callback of the user's own is found by name") {
  register_callback<Counting>("Counting");
  CHECK_THROWS_WITH(register_callback<Counting>("Counting"), Contains("is taken"));
  const auto counting =
      std::dynamic_pointer_cast<Counting>(callback_from_json(R"({"name": "Counting", "step": 3})"));
  REQUIRE(counting);
  Sequential model;
  CHECK(fit(2, {counting}, model) == 2);
  CHECK(counting->count == 6);
}
