// What goes on from batch to batch, what masks, what takes indices, what has open axes, and graphs
// as long as a stack is short.
#include <pthread.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/graph/carried.hpp"
#include "cornu/graph/execution.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/layers/masking.hpp"
#include "cornu/layers/time_distributed_dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;
using Catch::Matchers::Contains;

namespace {

struct NoOptions {
  Shape input_shape = {}, batch_input_shape = {};
  std::string name = {};
  bool trainable = true;
  void describe(Fields& fields) { describe_layer(fields, *this); }
};

/// y = x + h, h carried and moved on to y.
class RunningSum final : public ConfiguredLayer<NoOptions> {
 public:
  explicit RunningSum(NoOptions options = {}) : ConfiguredLayer("RunningSum", options) {}
  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.carried(H, input.size());
    builder.cache(Next, input.size(), 0, Kept::always);
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run[Next][i] = run.x().data[i] + run[H][i];
  }
  void backward(const Backward& run) const override {
    if (run.dx()) std::copy_n(run.dy.data, run.dy.size(), run.dx().data);
  }
  void update(const Update& run) const override {
    std::copy(run[Next].begin(), run[Next].end(), run[H].begin());
  }

 private:
  static constexpr CarriedSlot H{0, "h"};
  static constexpr CacheSlot Next{0, "next"};
};

/// The sum of the steps that are seen: (N, T, D) becomes (N, D). Uses the mask up.
class SumSeen final : public ConfiguredLayer<NoOptions> {
 public:
  explicit SumSeen(NoOptions options = {}) : ConfiguredLayer("SumSeen", options) {}
  Traits traits() const override { return {.reads_input = false, .mask = MaskRule::drop}; }
  using Layer::build;
  Shape build(const Shape& input, Builder&) const override { return Shape{input[1]}; }
  void forward(const Forward& run) const override {
    const std::size_t D = run.y.shape.back(), T = run.x().shape[1];
    std::fill_n(run.y.data, run.y.size(), Scalar{0});
    for (std::size_t row = 0; row < run.x().shape.rows(); ++row)
      for (std::size_t d = 0; d < D; ++d)
        run.y.data[row / T * D + d] += seen(run.mask(), row) * run.x().data[row * D + d];
  }
  void backward(const Backward& run) const override {
    if (!run.dx()) return;
    const std::size_t D = run.dy.shape.back(), T = run.dx().shape[1];
    for (std::size_t row = 0; row < run.dx().shape.rows(); ++row)
      for (std::size_t d = 0; d < D; ++d)
        run.dx().data[row * D + d] = seen(run.mask(), row) * run.dy.data[row / T * D + d];
  }

 private:
  static Scalar seen(ConstArray mask, std::size_t row) { return mask.empty() ? 1 : mask[row]; }
};

/// A number for each index below 5.
class LookUp final : public ConfiguredLayer<NoOptions> {
 public:
  explicit LookUp(NoOptions options = {}) : ConfiguredLayer("LookUp", options) {}
  Traits traits() const override { return {.indices_below = 5}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.parameter(W, Shape{5}, "uniform");
    return input;
  }
  void forward(const Forward& run) const override {
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run[W][static_cast<std::size_t>(run.x().data[i])];
  }
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.dy.size() && !run.gradient(W).empty(); ++i)
      run.gradient(W)[static_cast<std::size_t>(run.x().data[i])] += run.dy.data[i];
  }

 private:
  static constexpr ParameterSlot W{0, "W"};
};

Tensor drawn(const Shape& shape, std::uint64_t seed = 1) {
  Tensor result(shape);
  RandomStream(seed, Purpose::user).fill_uniform(result.array(), -1, 1);
  return result;
}

std::vector<Scalar> numbers(const Tensor& tensor) { return {tensor.begin(), tensor.end()}; }

}  // namespace

TEST_CASE("what is carried goes on in predicting, testing and training until reset_states") {
  Sequential model;
  model.add<RunningSum>({.batch_input_shape = {2, 1}});
  const Tensor one(Shape{2, 1}, {1, 10});
  CHECK(numbers(model.predict(one)) == std::vector<Scalar>{1, 10});
  CHECK(numbers(model.predict(one)) == std::vector<Scalar>{2, 20});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.test_on_batch(one, one);   // 3, 30
  model.train_on_batch(one, one);  // 4, 40
  CHECK(numbers(model.predict_on_batch(one)) == std::vector<Scalar>{5, 50});
  const CarriedState& carried = *model.graph()->carried;
  REQUIRE(carried.arrays.size() == 1);
  CHECK(carried.arrays[0].name == model.get_layer(0)->name() + "_h");
  CHECK(numbers(carried.arrays[0].values) == std::vector<Scalar>{5, 50});
  {
    const FreshCarried fresh(model.graph()->carried.get());
    CHECK(numbers(model.predict(one)) == std::vector<Scalar>{1, 10});
  }
  CHECK(numbers(model.predict(one)) == std::vector<Scalar>{6, 60});
  model.reset_states();
  CHECK(numbers(model.predict(one)) == std::vector<Scalar>{1, 10});
  // Two batches of the fixed size in one call go on, too.
  CHECK(numbers(model.predict(Tensor(Shape{4, 1}, {1, 1, 1, 1}))) ==
        std::vector<Scalar>{2, 11, 3, 12});
  CHECK(model.get_weights().empty());
}

TEST_CASE("a model that carries wants a fixed number of samples, one call, and one thread") {
  Sequential model;
  model.add<RunningSum>({.input_shape = {1}});
  CHECK_THROWS_WITH(model.predict(Tensor(Shape{1, 1})), Contains("batch_input_shape"));

  const Node x = input(InputOptions{.input_shape = {}, .batch_input_shape = {2, 1}});
  const auto sum = layer<RunningSum>();
  CHECK_THROWS_WITH(Model({x}, {sum(sum(x))}), Contains("expected one call"));

  Sequential fixed;
  fixed.add<RunningSum>({.batch_input_shape = {2, 1}});
  CHECK_THROWS_AS(fixed.predict(Tensor(Shape{3, 1})), ShapeError);
  fixed.predict(Tensor(Shape{2, 1}));
  const CarriedUse mine(fixed.graph()->carried.get());
  std::string said;
  std::thread other([&] {
    try {
      fixed.predict(Tensor(Shape{2, 1}));
    } catch (const ConfigError& error) {
      said = error.what();
    }
  });
  other.join();
  CHECK_THAT(said, Contains("another thread is using this model"));
  CHECK_NOTHROW(fixed.predict(Tensor(Shape{2, 1})));
}

TEST_CASE(
    "a mask reaches the layers that read it, forward and backward, and ends where time ends") {
  const Node x = input({3, 2});
  const Node h = layer<TimeDistributedDense>({.output_dim = 2, .init = "identity"})(
      layer<Masking>({.mask_value = 9})(x));
  CHECK(h.masked());
  const Node sum = layer<SumSeen>()(h);
  CHECK_FALSE(sum.masked());
  Model model({x}, {layer<Dense>({.output_dim = 2, .init = "identity"})(sum)});
  const Tensor data(Shape{1, 3, 2}, {1, 2, 9, 9, 3, 4});
  CHECK(numbers(model.predict(data)) == std::vector<Scalar>{4, 6});
  // With a bias of 1 in the first layer, the masked step would count if the mask were not read.
  model.set_weights({Tensor(Shape{2, 2}, {1, 0, 0, 1}), Tensor(Shape{2}, {1, 1}),
                     Tensor(Shape{2, 2}, {1, 0, 0, 1}), Tensor(Shape{2})});
  CHECK(numbers(model.predict(data)) == std::vector<Scalar>{6, 8});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.train_on_batch(data, Tensor(Shape{1, 2}, {5, 8}));
  // dL/dp = (1, 0), two steps seen: the first bias falls by lr * 2.
  const Scalar bias = model.get_weights()[1].data()[0];
  CHECK(bias == Approx(1 - 0.01 * 2));
  CHECK_THROWS_WITH(layer<Flatten>()(h), Contains("masked"));
}

TEST_CASE("a mask goes into a model that is used as a layer") {
  const Node inner = input({3, 2});
  const Model sums({inner}, {layer<SumSeen>()(inner)}), flat({inner}, {layer<Flatten>()(inner)});
  const Node x = input({3, 2});
  const Node masked = layer<Masking>()(x);
  CHECK_THROWS_WITH(flat(masked), Contains("masked"));
  const Model model({x}, {sums(masked)});
  CHECK(numbers(model.predict(Tensor(Shape{1, 3, 2}, {1, 2, 0, 0, 3, 4}))) ==
        std::vector<Scalar>{4, 6});
}

TEST_CASE("an open axis takes any length, in predicting and in training") {
  Sequential open, fixed;
  open.add<TimeDistributedDense>({.output_dim = 2, .input_shape = {Shape::any, 3}});
  fixed.add<TimeDistributedDense>({.output_dim = 2, .input_shape = {4, 3}});
  CHECK(open.output_shape().to_string_with_samples() == "(None, None, 2)");
  fixed.set_weights(open.get_weights());
  const Tensor x = drawn({5, 4, 3}), y = drawn({5, 4, 2}, 2);
  CHECK(numbers(open.predict(x)) == numbers(fixed.predict(x)));
  for (std::size_t length = 1; length <= 20; ++length)  // more than are kept
    CHECK(open.predict(drawn({2, length, 3})).shape() == Shape{2, length, 2});
  CHECK(numbers(open.predict(x)) == numbers(fixed.predict(x)));

  for (Sequential* model : {&open, &fixed}) model->compile({.optimizer = "sgd", .loss = "mse"});
  CHECK(open.train_on_batch(x, y)["loss"] == fixed.train_on_batch(x, y)["loss"]);
  open.test_on_batch(drawn({2, 7, 3}), drawn({2, 7, 2}));
  CHECK(open.train_on_batch(x, y)["loss"] == fixed.train_on_batch(x, y)["loss"]);
  CHECK(numbers(open.get_weights()[0]) == numbers(fixed.get_weights()[0]));
  open.train_on_batch(drawn({3, 9, 3}), drawn({3, 9, 2}));

  CHECK_THROWS_AS(open.train_on_batch(drawn({2, 5, 3}), drawn({2, 6, 2})), ShapeError);
  CHECK_THROWS_AS(open.predict(drawn({2, 5, 4})), ShapeError);
  const auto again = model_from_json(open.to_json());
  CHECK(again->input_shape() == Shape{Shape::any, 3});
}

TEST_CASE("weights that depend on an open axis are refused in words") {
  const Node x = input({Shape::any, 3});
  const Node flat = layer<Flatten>()(x);
  CHECK(flat.shape() == Shape{Shape::any});
  CHECK_THROWS_WITH(layer<Dense>({.output_dim = 2})(flat), Contains("weights depend"));
}

TEST_CASE("indices are checked where data enters") {
  Sequential model;
  model.add<LookUp>({.input_shape = {3}});
  model.add<Dense>({.output_dim = 1});
  CHECK_NOTHROW(model.predict(Tensor(Shape{1, 3}, {0, 4, 2})));
  CHECK_THROWS_WITH(model.predict(Tensor(Shape{2, 3}, {0, 1, 2, 0, 5, 2})),
                    Contains("whole numbers from 0 to 4") && Contains("got 5 in sample 1 at (1)"));
  CHECK_THROWS_AS(model.predict(Tensor(Shape{1, 3}, {0, Scalar(1.5), 2})), ConfigError);
  CHECK_THROWS_AS(model.predict(Tensor(Shape{1, 3}, {0, -1, 2})), ConfigError);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  CHECK_THROWS_AS(model.train_on_batch(Tensor(Shape{1, 3}, {0, 9, 2}), Tensor(Shape{1, 1})),
                  ConfigError);
  const std::vector<Scalar> before = numbers(model.get_weights()[0]);
  model.train_on_batch(Tensor(Shape{1, 3}, {0, 4, 2}), Tensor(Shape{1, 1}, {3}));
  const std::vector<Scalar> after = numbers(model.get_weights()[0]);
  CHECK(after[0] != before[0]);
  CHECK(after[1] == before[1]);
}

namespace {

/// Builds, plans, trains and ends a chain; the number of layers is the argument.
void* live_and_die(void* argument) {
  const std::size_t layers = *static_cast<std::size_t*>(argument);
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {1}});
  for (std::size_t i = 1; i < layers; ++i) model.add<Activation>({.activation = "linear"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  model.train_on_batch(Tensor(Shape{1, 1}, {1}), Tensor(Shape{1, 1}, {2}));
  *static_cast<std::size_t*>(argument) = model.layers().size();
  return nullptr;
}

}  // namespace

TEST_CASE("a chain of 200,000 layers lives within a stack of 256 KiB") {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  std::size_t layers = 200000;
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, &attributes, live_and_die, &layers) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  CHECK(layers == 200000);
}

TEST_CASE("many arrays of one plan do not overlap while they live") {
  const Node x = input({3});
  Node h = x;
  for (int i = 0; i < 3000; ++i) h = layer<Dense>({.output_dim = 3, .activation = "tanh"})(h);
  const Model model({x}, {h});
  const auto graph = model.graph();
  Execution shared(graph, Phase::predict, 2),
      kept(graph, Phase::predict, 2, {}, nullptr, {}, Sharing::kept);
  const Tensor data = drawn({2, 3});
  const Scalar* inputs[] = {data.data()};
  shared.forward(inputs, 2);
  kept.forward(inputs, 2);
  CHECK(std::equal(shared.output(0).array().begin(), shared.output(0).array().end(),
                   kept.output(0).array().begin()));
  CHECK(shared.plan().arena_size() * 100 < kept.plan().arena_size());
  const TrainedParameters trained(graph->trained_layers());
  AlignedArray a(trained.size), b(trained.size);
  Execution first(graph, Phase::train, 2, {{}}, &trained, a.array());
  Execution second(graph, Phase::train, 2, {{}}, &trained, b.array(), Sharing::kept);
  for (Execution* execution : {&first, &second}) {
    execution->forward(inputs, 2);
    const View dy = execution->output_gradient(0);
    std::fill_n(dy.data, dy.size(), Scalar{1});
    execution->backward();
  }
  CHECK(std::equal(a.array().begin(), a.array().end(), b.array().begin()));
}
