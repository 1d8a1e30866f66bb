#include "cornu/inspection/memory.hpp"

#include <catch2/catch.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

/// Dense, BatchNormalization and relu for each hidden width; softmax at the end.
Sequential net(const std::vector<std::size_t>& widths) {
  Sequential model;
  model.add<Dense>({.output_dim = widths[1], .input_shape = {widths[0]}});
  for (std::size_t i = 2; i < widths.size(); ++i) {
    model.add<BatchNormalization>();
    model.add<Activation>({.activation = "relu"});
    model.add<Dense>({.output_dim = widths[i]});
  }
  model.add<Activation>({.activation = "softmax"});
  return model;
}

}  // namespace

TEST_CASE("the memory of a model: weights, gradients, accumulators and one arena") {
  Sequential model = net({64, 128, 128, 10});
  constexpr std::size_t number = sizeof(Scalar), batch = 32;
  const Memory uncompiled = cornu::memory(model, batch);
  CHECK(uncompiled.training_arena == 0);
  CHECK(uncompiled.gradients == 0);
  CHECK(uncompiled.to_string().find("fit") == std::string::npos);
  CHECK_THROWS_AS(cornu::memory(model, 0), ConfigError);

  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
  const Memory memory = cornu::memory(model, batch);
  std::size_t weights = 0;
  for (const Tensor& weight : model.get_weights()) weights += weight.size();
  CHECK(memory.batch_size == batch);
  CHECK(memory.weights == weights * number);
  // Each parameter is aligned in the flat arrays.
  CHECK(memory.gradients >= model.count_params() * number);
  CHECK(memory.gradients <= (model.count_params() + 16 * 16) * number);
  CHECK(memory.optimizer == 2 * memory.gradients);
  CHECK(memory.training() ==
        memory.weights + memory.gradients + memory.optimizer + memory.training_arena);
  CHECK(memory.prediction() == memory.weights + memory.prediction_arena);
  CHECK(memory.to_string().find(std::to_string(memory.training())) != std::string::npos);

  // What is foretold is what a run takes.
  Tensor x(Shape{batch, 64}), y(Shape{batch, 10});
  for (std::size_t r = 0; r < batch; ++r) y(r, r % 10) = 1;
  model.train_on_batch(x, y);
  CHECK(model.trainer().arena_size() * number == memory.training_arena);
  std::size_t accumulators = 0;
  for (const AlignedArray& slot : model.trainer().slots()) accumulators += slot.size();
  CHECK(accumulators * number == memory.optimizer);
}

TEST_CASE("an arena is at most half of what keeping every array would take") {
  for (const auto& widths :
       {std::vector<std::size_t>{784, 256, 128, 10}, {784, 1024, 1024, 10}, {64, 64, 64, 64, 64}}) {
    Sequential model = net(widths);
    model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
    const Memory memory = cornu::memory(model, 128);
    CAPTURE(memory.to_string());
    CHECK(2 * memory.training_arena <= memory.training_unshared);
    // A prediction has two values at a time, and some scratch, however deep the net.
    CHECK(memory.prediction_arena <= 3 * 128 * 1024 * sizeof(Scalar));
  }
}
