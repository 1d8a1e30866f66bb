// A frozen model computes the same whatever is trained on top of it.
#include <catch2/catch.hpp>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

Tensor drawn(const Shape& shape, std::uint64_t seed, Scalar least, Scalar most) {
  Tensor tensor(shape);
  RandomStream(seed, Purpose::user).fill_uniform(tensor.array(), least, most);
  return tensor;
}

void add_base(Sequential& model) {
  model.add(Dense({.output_dim = 4, .activation = "tanh", .input_shape = {3}}));
  model.add(BatchNormalization({.momentum = 0.5}));
}

void train(Model& model, std::uint64_t seed) {
  model.compile({.optimizer = sgd({.lr = 0.1}), .loss = "mse"});
  model.fit(drawn({40, 3}, seed, 1, 3), drawn({40, 1}, seed + 1, 0, 1),
            {.batch_size = 10, .nb_epoch = 3, .verbose = 0});
}

bool same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i)
    equal = std::equal(a[i].begin(), a[i].end(), b[i].begin(), b[i].end());
  return equal;
}

}  // namespace

TEST_CASE("freeze holds a base still, its running statistics too") {
  for (const char* statistics : {"std", "variance"}) {
    Sequential base;
    add_base(base);
    base.add(BatchNormalization({.statistics = statistics}));
    base.add(Dense({.output_dim = 1}));
    train(base, 1);
    const Tensor x = drawn({5, 3}, 9, -1, 1);
    const Tensor before = base.predict(x);
    const std::vector<Tensor> weights = base.get_weights();

    Sequential whole;
    whole.add(base);
    whole.add(Dense({.output_dim = 1}));
    freeze(base);
    const std::vector<Tensor> head = whole.layers().back()->get_weights();
    train(whole, 5);
    CHECK(same(base.get_weights(), weights));
    CHECK(same({base.predict(x)}, {before}));
    CHECK_FALSE(same(whole.layers().back()->get_weights(), head));

    unfreeze(base);
    train(whole, 7);
    CHECK_FALSE(same(base.get_weights(), weights));
  }
}

TEST_CASE(
    "trainable = false alone leaves the running statistics moving, as in "
    "Keras 1") {
  Sequential model;
  add_base(model);
  model.add(Dense({.output_dim = 1}));
  for (const LayerPtr& layer : model.layers()) layer->set_trainable(false);
  const std::vector<Tensor> before = model.layers()[1]->get_weights();
  train(model, 1);
  const std::vector<Tensor> after = model.layers()[1]->get_weights();
  CHECK(same({after[0], after[1]}, {before[0], before[1]}));
  CHECK_FALSE(same({after[2], after[3]}, {before[2], before[3]}));
}

TEST_CASE(
    "a frozen layer trains and tests by the same numbers, and a file "
    "keeps it so") {
  Sequential model;
  add_base(model);
  model.add(Dense({.output_dim = 1}));
  train(model, 1);
  freeze(model);
  const auto again = model_from_json(model.to_json());
  const auto layer = std::dynamic_pointer_cast<BatchNormalization>(again->layers()[1]);
  REQUIRE(layer);
  CHECK((layer->holds_states() && !layer->trainable()));
  // With nothing to train, the loss of a training step is that of a test.
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor x = drawn({10, 3}, 3, -1, 1), y = drawn({10, 1}, 4, 0, 1);
  CHECK(model.train_on_batch(x, y)["loss"] == Approx(model.test_on_batch(x, y)["loss"]));
}
