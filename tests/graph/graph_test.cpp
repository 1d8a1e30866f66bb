#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/graph/execution.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/model.hpp"
#include "cornu/models/sequential.hpp"
#include "cornu/training/trainer.hpp"

using namespace cornu;
using Catch::Matchers::Contains;

namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor result(shape);
  RandomStream(seed, Purpose::user).fill_normal(result.array(), 0, 1);
  return result;
}

bool same_bits(ConstView a, ConstView b) {
  return a.size() == b.size() && std::memcmp(a.data, b.data, a.size() * sizeof(Scalar)) == 0;
}

/// A graph of `size` layers over two inputs of shape (4), wired at random, with fan-out, merges,
/// shared layers and one or two outputs.
Model random_model(std::uint64_t seed, std::size_t size) {
  RandomStream random(seed, Purpose::user);
  const std::vector<Node> inputs{input({4}), input({4})};
  std::vector<Node> nodes = inputs;
  const auto pick = [&] { return nodes[random.below(nodes.size())]; };
  std::vector<LayerFunction<Dense>> shared;
  for (std::size_t i = 0; i < size; ++i) {
    switch (random.below(6)) {
      case 0:
        shared.push_back(layer<Dense>({.output_dim = 4, .activation = "tanh"}));
        nodes.push_back(shared.back()(pick()));
        break;
      case 1:
        nodes.push_back(
            layer<Activation>({.activation = random.below(2) ? "relu" : "sigmoid"})(pick()));
        break;
      case 2:
        nodes.push_back(layer<BatchNormalization>()(pick()));
        break;
      case 3: {
        const char* modes[] = {"sum", "mul", "ave", "max"};
        nodes.push_back(merge({pick(), pick()}, {.mode = modes[random.below(4)]}));
        break;
      }
      case 4:
        nodes.push_back(
            layer<Dense>({.output_dim = 4})(merge({pick(), pick()}, {.mode = "concat"})));
        break;
      default:
        if (!shared.empty()) nodes.push_back(shared[random.below(shared.size())](pick()));
    }
  }
  std::vector<Node> outputs{layer<Dense>({.output_dim = 3, .activation = "softmax"})(nodes.back())};
  if (random.below(2)) outputs.push_back(nodes[nodes.size() / 2 + 1]);
  // Both inputs are needed by the model even where the outputs do not read them.
  return Model(inputs, outputs);
}

}  // namespace

TEST_CASE("random graphs: sharing memory and keeping every array give the same bits") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    set_seed(seed);
    const Model model = random_model(seed, 4 + seed % 17);
    const auto graph = std::make_shared<const FlatGraph>(*model.container());
    const TrainedParameters trained(graph->trained_layers());
    const std::size_t samples = 5;
    const Tensor a = random_tensor(Shape{samples, 4}, seed),
                 b = random_tensor(Shape{samples, 4}, seed + 1);
    const Scalar* inputs[] = {a.data(), b.data()};
    const std::vector<OutputUse> uses(graph->outputs.size());

    AlignedArray shared_gradients(trained.size), kept_gradients(trained.size);
    // More capacity than samples, as with the last batch of an epoch.
    Execution shared(graph, Phase::train, samples + 3, uses, &trained, shared_gradients.array());
    Execution kept(graph, Phase::train, samples + 3, uses, &trained, kept_gradients.array(),
                   Sharing::kept);
    for (Execution* execution : {&shared, &kept}) {
      execution->forward(inputs, samples);
      for (std::size_t o = 0; o < graph->outputs.size(); ++o) {
        const View dy = execution->output_gradient(o);
        RandomStream(seed, Purpose::user, o).fill_normal(dy.array(), 0, 1);
      }
    }
    for (std::size_t o = 0; o < graph->outputs.size(); ++o)
      CHECK(same_bits(shared.output(o), kept.output(o)));
    shared.backward();
    kept.backward();
    CHECK(same_bits({shared_gradients.data(), Shape{trained.size}},
                    {kept_gradients.data(), Shape{trained.size}}));
    CHECK(shared.plan().arena_size() <= kept.plan().arena_size());

    Execution predict(graph, Phase::predict, samples),
        predict_kept(graph, Phase::predict, samples, {}, nullptr, {}, Sharing::kept);
    predict.forward(inputs, samples);
    predict_kept.forward(inputs, samples);
    for (std::size_t o = 0; o < graph->outputs.size(); ++o)
      CHECK(same_bits(predict.output(o), predict_kept.output(o)));
  }
}

TEST_CASE("a chain's plan takes at most half the memory of keeping everything") {
  Sequential model;
  model.add<Dense>({.output_dim = 64, .input_shape = {64}});
  for (int i = 0; i < 6; ++i) {
    model.add<BatchNormalization>();
    model.add<Activation>({.activation = "relu"});
    model.add<Dense>({.output_dim = 64});
  }
  const FlatGraph graph(*model.container());
  const Plan train(graph, Phase::train, 32, {OutputUse{}});
  const Plan kept(graph, Phase::train, 32, {OutputUse{}}, Sharing::kept);
  CHECK(2 * train.arena_size() <= kept.arena_size());
  // A prediction needs two arrays at a time, however deep the chain.
  CHECK(Plan(graph, Phase::predict, 32).arena_size() <= 3 * 64 * 32);
}

TEST_CASE("frozen branches cost nothing in backward") {
  const Node x = input({4});
  const auto frozen = layer<Dense>({.output_dim = 4, .trainable = false});
  const Node y = layer<Dense>({.output_dim = 2})(frozen(x));
  const Model model({x}, {y});
  const FlatGraph graph(*model.container());
  const Plan plan(graph, Phase::train, 8, {OutputUse{}});
  CHECK_FALSE(plan.nodes()[1].backward);
  CHECK(plan.nodes()[2].backward);
  CHECK(plan.nodes()[2].passes[0] == Plan::NodePlan::Pass::none);
}

TEST_CASE("dead nodes are dropped") {
  const Node x = input({4});
  const Node used = layer<Dense>({.output_dim = 2})(x);
  layer<Dense>({.output_dim = 2})(x);
  CHECK(FlatGraph(*Model({x}, {used}).container()).nodes.size() == 2);
}

TEST_CASE("a shared layer has its weights once, and its gradients are summed") {
  const Node a = input({3}), b = input({3});
  const auto shared = layer<Dense>({.output_dim = 2, .name = "shared"});
  Model model({a, b}, {merge({shared(a), shared(b)}, {.mode = "sum"})});
  CHECK(model.get_weights().size() == 2);
  CHECK(model.count_params() == 8);

  // The same as one input of the sum, by linearity: y = (a + b) W + 2 b.
  const Tensor x1 = random_tensor(Shape{4, 3}, 1), x2 = random_tensor(Shape{4, 3}, 2);
  const Tensor y = random_tensor(Shape{4, 2}, 3);
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::vector<Tensor> before = model.get_weights();
  const Tensor p = model.predict({x1, x2});
  model.train_on_batch({x1, x2}, y);
  const std::vector<Tensor> after = model.get_weights();
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 2; ++j) {
      double gradient = 0;  // dL/dW = (a + b)^T 2 (p - y) / (N D)
      for (std::size_t n = 0; n < 4; ++n)
        gradient += (x1(n, i) + x2(n, i)) * 2 * (p(n, j) - y(n, j)) / 8;
      CHECK(after[0](i, j) == Approx(before[0](i, j) - 0.01 * gradient).margin(1e-6));
    }
}

TEST_CASE("models are layers, and a sub-model shares weights with the model it came from") {
  set_seed(3);
  const Node x = input({4});
  const Node h = layer<Dense>({.output_dim = 3, .activation = "tanh"})(x);
  const Node y = layer<Dense>({.output_dim = 2})(h);
  Model whole({x}, {y});
  const Model extractor({x}, {h});
  const Tensor data = random_tensor(Shape{6, 4}, 1), targets = random_tensor(Shape{6, 2}, 2);
  const Tensor before = extractor.predict(data);
  whole.compile({.optimizer = "sgd", .loss = "mse"});
  whole.train_on_batch(data, targets);
  const Tensor after = extractor.predict(data);
  CHECK_FALSE(same_bits(before.view(), after.view()));

  Sequential inner;
  inner.add<Dense>({.output_dim = 3, .activation = "relu", .input_shape = {4}});
  inner.add<Dense>({.output_dim = 4});
  const Node a = input({4}), b = input({4});
  const Model twice({a, b}, {merge({inner(a), inner(b)}, {.mode = "concat"})});
  CHECK(twice.get_weights().size() == 4);
  const Tensor both = twice.predict({data, data});
  const Tensor once = inner.predict(data);
  for (std::size_t n = 0; n < 6; ++n)
    for (std::size_t i = 0; i < 4; ++i) {
      CHECK(both(n, i) == once(n, i));
      CHECK(both(n, i + 4) == once(n, i));
    }
  const auto loaded = model_from_json(twice.to_json());
  loaded->set_weights(twice.get_weights());
  CHECK(same_bits(loaded->predict({data, data}).view(), both.view()));
}

TEST_CASE("several outputs: losses, weights and metrics by list and by name") {
  set_seed(5);
  const Node x = input({4}, "x");
  const Node h = layer<Dense>({.output_dim = 5, .activation = "tanh"})(x);
  const Node main = layer<Dense>({.output_dim = 3, .activation = "softmax", .name = "main"})(h);
  const Node aux = layer<Dense>({.output_dim = 1, .name = "aux"})(h);
  Model model({x}, {main, aux});
  Tensor y(Shape{8, 3});
  for (std::size_t n = 0; n < 8; ++n) y(n, n % 3) = 1;
  const Tensor data = random_tensor(Shape{8, 4}, 1), z = random_tensor(Shape{8, 1}, 2);

  model.compile({.optimizer = "sgd",
                 .loss = named<std::string>({{"aux", "mse"}, {"main", "categorical_crossentropy"}}),
                 .metrics = named<std::vector<std::string>>({{"main", {"accuracy"}}}),
                 .loss_weights = {1.0, 0.25}});
  CHECK(model.metrics_names() ==
        std::vector<std::string>{"loss", "main_loss", "aux_loss", "main_acc"});
  const Scores scores = model.test_on_batch(data, {y, z});
  CHECK(scores["loss"] == Approx(scores["main_loss"] + 0.25 * scores["aux_loss"]));
  const Scores by_name = model.test_on_batch({{"x", data}}, {{"aux", z}, {"main", y}});
  CHECK(by_name["loss"] == scores["loss"]);
  const History history = model.fit(data, {y, z}, {.nb_epoch = 3, .verbose = 0});
  CHECK(history["aux_loss"].size() == 3);
  CHECK(model.predict_all(data).size() == 2);
  CHECK_THROWS_WITH(model.predict(data), Contains("predict_all"));
  CHECK_THROWS_WITH(model.fit({{"y", data}}, {y, z}), Contains("unknown") && Contains("'y'"));
  CHECK_THROWS_WITH(model.compile({.optimizer = "sgd", .loss = {"mse", "mse", "mse"}}),
                    Contains("2 outputs"));
}

TEST_CASE("a file's layers may stand in any order, and circles are refused") {
  const char* head = R"({"class_name": "Model", "config": {"name": "m", "layers": [)";
  const std::string x =
      R"({"name": "x", "class_name": "InputLayer", "inbound_nodes": [],
          "config": {"name": "x", "batch_input_shape": [null, 3], "input_dtype": "float32"}})";
  const auto activation = [](const std::string& name, const std::string& from) {
    return R"({"name": ")" + name + R"(", "class_name": "Activation", "inbound_nodes": [[[")" +
           from + R"(", 0, 0]]], "config": {"name": ")" + name + R"(", "activation": "relu"}})";
  };
  const char* tail = R"(], "input_layers": [["x", 0, 0]], "output_layers": [["b", 0, 0]]}})";
  const std::string forward =
      head + x + "," + activation("a", "x") + "," + activation("b", "a") + tail;
  const std::string turned =
      head + activation("b", "a") + "," + activation("a", "x") + "," + x + tail;
  const std::string circle =
      head + x + "," + activation("a", "b") + "," + activation("b", "a") + tail;
  const Tensor data = random_tensor(Shape{4, 3}, 1);
  CHECK(same_bits(model_from_json(forward)->predict(data).view(),
                  model_from_json(turned)->predict(data).view()));
  CHECK(model_from_json(turned)->layers()[0]->name() == "b");  // the file's order stays
  CHECK_THROWS_WITH(model_from_json(circle), Contains("circle"));
  const std::string missing = head + x + "," + activation("b", "nobody") + tail;
  CHECK_THROWS_WITH(model_from_json(missing), Contains("nobody"));
}

TEST_CASE("each output has sample weights of its own") {
  const Node x = input({2});
  const Node a = layer<Dense>({.output_dim = 1, .name = "a"})(x);
  const Node b = layer<Dense>({.output_dim = 1, .name = "b"})(x);
  Model model({x}, {a, b});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Tensor data = random_tensor(Shape{4, 2}, 1), y = random_tensor(Shape{4, 1}, 2);
  const Tensor weights(Shape{4}, std::vector<Scalar>{1, 0, 0, 0}), none;
  const std::vector<Tensor> p = model.predict_all(data);
  const Scores scores = model.test_on_batch(data, {y, y}, {weights, none});
  CHECK(scores["a_loss"] == Approx(std::pow(p[0](0, 0) - y(0, 0), 2)).epsilon(1e-4));
  double all = 0;
  for (std::size_t n = 0; n < 4; ++n) all += std::pow(p[1](n, 0) - y(n, 0), 2) / 4;
  CHECK(scores["b_loss"] == Approx(all).epsilon(1e-4));
  const Scores by_name = model.test_on_batch(data, {y, y}, {{"b", none}, {"a", weights}});
  CHECK(by_name["loss"] == scores["loss"]);
}

TEST_CASE("what cannot be a graph is refused in words") {
  const Node a = input({3}, "a"), b = input({3}, "b"), c = input({4}, "c");
  const auto dense = layer<Dense>({.output_dim = 2, .name = "dense"});
  const Node y = merge({dense(a), layer<Dense>({.output_dim = 2})(b)}, {.mode = "sum"});
  CHECK_THROWS_WITH(Model({a}, {y}), Contains("'b'") && Contains("disconnected"));
  CHECK_THROWS_WITH(Model({a, b, a}, {y}), Contains("twice"));
  CHECK_THROWS_WITH(Model({a, dense(a)}, {y}), Contains("disconnected"));
  CHECK_THROWS_WITH(Model({a, b}, {y, Node{}}), Contains("empty node"));
  CHECK_THROWS_WITH(Model({}, {y}), Contains("at least one input"));
  CHECK_THROWS_WITH(merge({a, c}, {.mode = "sum"}), Contains("(None, 3)") && Contains("(None, 4)"));
  CHECK_THROWS_WITH(merge({a}, {.mode = "sum"}), Contains("at least two"));
  CHECK_THROWS_WITH(merge({a, b}, {.mode = "summ"}), Contains("did you mean 'sum'"));
  CHECK_THROWS_WITH(merge({a, b}, {.mode = "concat", .concat_axis = 0}), Contains("samples"));
  CHECK_THROWS_WITH(dense(c), Contains("dense") && Contains("first call"));
  const Node twin = layer<Dense>({.output_dim = 2, .name = "dense"})(a);
  CHECK_THROWS_WITH(Model({a, b}, {y, twin}), Contains("two layers have the name 'dense'"));
}
