// Model::trace: one training step laid open, and nothing changed by looking.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  RandomStream(seed, Purpose::user).fill_normal(tensor.array(), 0, 1);
  return tensor;
}

void check_equal(const Tensor& got, const Shape& shape, const std::vector<double>& expected) {
  REQUIRE(got.shape() == shape);
  for (std::size_t i = 0; i < expected.size(); ++i)
    CHECK(double(got.data()[i]) == Approx(expected[i]).margin(1e-6));
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!std::equal(a[i].begin(), a[i].end(), b[i].begin(), b[i].end())) return false;
  return true;
}

/// x -> shared -> s1, s1 -> shared -> s2; s1 and s2 both go on; BatchNormalization and two outputs.
Model shared_net() {
  const Node x = input({3}, "x");
  const auto shared = layer<Dense>(
      {.output_dim = 3, .activation = "tanh", .W_regularizer = l2(0.01), .name = "shared"});
  const Node s1 = shared(x), s2 = shared(s1);
  const Node sum = merge({s1, s2}, {.mode = "sum", .name = "sum"});
  const Node normal = layer<BatchNormalization>({.name = "normal"})(sum);
  const Node a = layer<Dense>({.output_dim = 2, .activation = "softmax", .name = "a"})(normal);
  const Node b = layer<Dense>({.output_dim = 1, .name = "b"})(s1);
  return Model({x}, {a, b});
}

}  // namespace

TEST_CASE("a trace has the numbers of a step done by hand") {
  // x = (1, 2); h = x W1, W1 = ((1, 0), (-1, 3)) -> (-1, 6), relu -> (0, 6); y = h (2, 0.5) -> 3.
  Sequential model;
  model.add<Dense>(
      {.output_dim = 2,
       .weights = {Tensor(Shape{2, 2}, std::vector<Scalar>{1, 0, -1, 3}), Tensor(Shape{2})},
       .input_shape = {2},
       .name = "first"});
  model.add<Activation>({.activation = "relu", .name = "relu"});
  model.add<Dense>({.output_dim = 1,
                    .weights = {Tensor(Shape{2, 1}, std::vector<Scalar>{2, 0.5}), Tensor(Shape{1})},
                    .name = "last"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const Trace trace = cornu::trace(model, Tensor(Shape{1, 2}, std::vector<Scalar>{1, 2}),
                                   Tensor(Shape{1, 1}, std::vector<Scalar>{1}));
  // loss = (3 - 1)^2, dL/dy = 2 (3 - 1).
  CHECK(trace.loss == Approx(4));
  CHECK(trace.samples == 1);
  REQUIRE(trace.nodes.size() == 4);
  CHECK(trace.nodes[0].class_name == "InputLayer");
  CHECK(trace.nodes[0].gradient.empty());
  check_equal(trace.nodes[0].output, Shape{1, 2}, {1, 2});
  check_equal(trace["first"].output, Shape{1, 2}, {-1, 6});
  check_equal(trace["relu"].output, Shape{1, 2}, {0, 6});
  check_equal(trace["last"].output, Shape{1, 1}, {3});
  check_equal(trace["last"].gradient, Shape{1, 1}, {4});
  check_equal(trace["relu"].gradient, Shape{1, 2}, {8, 2});
  check_equal(trace["first"].gradient, Shape{1, 2}, {0, 2});
  CHECK(trace["first"].inputs == std::vector<std::size_t>{0});
  CHECK(trace["last"].is_output);
  CHECK_FALSE(trace["relu"].is_output);
  REQUIRE(trace["first"].parameters.size() == 2);
  CHECK(trace["first"].parameters[0].name == "first_W");
  check_equal(trace["first"].parameters[0].value, Shape{2, 2}, {1, 0, -1, 3});
  check_equal(trace["first"].parameters[0].gradient, Shape{2, 2}, {0, 2, 0, 4});
  check_equal(trace["first"].parameters[1].gradient, Shape{2}, {0, 2});
  check_equal(trace["last"].parameters[0].gradient, Shape{2, 1}, {0, 24});
  CHECK_THROWS_WITH(trace["frist"], Catch::Contains("first"));

  const std::string text = trace.to_string();
  for (const char* words :
       {"1 samples", "1  first (Dense) of 0", "3  last (Dense) of 2, an output of the model",
        "dL/d output", "dL/d first_W", "(2, 2)", "none: nothing that is trained needs it"})
    CHECK_THAT(text, Catch::Contains(words));
  // Small arrays in full, and none when so asked.
  CHECK_THAT(text, Catch::Contains("\n                  0          2\n"
                                   "                  0          4\n"));
  CHECK_THAT(trace.to_string(0), !Catch::Contains("\n                  0          4\n"));
}

TEST_CASE("the text of a trace fits 80 columns, long names and rows included") {
  Sequential model;
  model.add<Dense>({.output_dim = 20,
                    .activation = "tanh",
                    .input_shape = {1},
                    .name = "a_dense_layer_with_quite_a_long_name"});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  const std::string text =
      cornu::trace(model, random_tensor({1, 1}, 1), random_tensor({1, 20}, 2)).to_string();
  INFO(text);
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    CHECK(end - begin <= 80);
  CHECK_THAT(text, Catch::Contains("dL/d a_dense_layer_with_quite_a_long_name_W\n"));
}

TEST_CASE("the gradient of a softmax output is that of the output, not of what goes into it") {
  Sequential model;
  model.add<Dense>({.output_dim = 2, .activation = "softmax", .input_shape = {2}, .name = "out"});
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  const Trace trace = cornu::trace(model, Tensor(Shape{1, 2}, std::vector<Scalar>{1, 2}),
                                   Tensor(Shape{1, 2}, std::vector<Scalar>{0, 1}));
  const double p = double(trace["out"].output(0, 1));
  CHECK(trace.loss == Approx(-std::log(p)));
  // d(-log p1)/dp: Keras divides p by its sum first, which adds 1 to both.
  CHECK(double(trace["out"].gradient(0, 1)) - double(trace["out"].gradient(0, 0)) ==
        Approx(-1 / p).epsilon(1e-4));
}

TEST_CASE("a trace's gradients are those of the next step, and looking changes nothing") {
  set_seed(3);
  Model model = shared_net();
  const double lr = 0.125;
  model.compile({.optimizer = optimizer_from_json(R"({"name": "SGD", "lr": 0.125})"),
                 .loss = {"categorical_crossentropy", "mse"},
                 .metrics = {"accuracy"},
                 .loss_weights = {1, 0.5}});
  const Tensor x = random_tensor({4, 3}, 1), b = random_tensor({4, 1}, 2);
  const Tensor a(Shape{4, 2}, std::vector<Scalar>{0, 1, 1, 0, 1, 0, 0, 1});
  const std::vector<Tensor> before = model.get_weights();
  const auto iterations = model.optimizer().iterations();

  const Trace trace = cornu::trace(model, x, {a, b});
  CHECK(same_bits(model.get_weights(), before));
  CHECK(model.optimizer().iterations() == iterations);

  REQUIRE(trace.nodes.size() == 7);
  CHECK(trace.nodes[1].layer == "shared");
  CHECK(trace.nodes[2].layer == "shared");
  // Both calls have an output and a gradient of their own, the parameters' gradient in common.
  CHECK_FALSE(std::equal(trace.nodes[1].gradient.begin(), trace.nodes[1].gradient.end(),
                         trace.nodes[2].gradient.begin()));
  CHECK_THAT(trace.to_string(), Catch::Contains("2  shared (Dense) of 1, weights as above"));
  CHECK_THAT(trace.to_string(), Catch::Contains("dL/d shared_W (2 calls)"));

  const Scores scores = model.train_on_batch(x, {a, b});
  CHECK(scores["loss"] == Approx(trace.loss).epsilon(1e-5));
  // An SGD step is w - lr g.
  for (const char* name : {"shared", "normal", "a", "b"}) {
    const LayerPtr stepped = model.get_layer(name);
    const std::vector<Tensor> after = stepped->get_weights();
    INFO(name);
    REQUIRE_FALSE(trace[name].parameters.empty());
    for (std::size_t p = 0; p < trace[name].parameters.size(); ++p) {
      const Trace::Parameter& parameter = trace[name].parameters[p];
      REQUIRE(parameter.gradient.shape() == after[p].shape());
      for (std::size_t i = 0; i < parameter.value.size(); ++i)
        CHECK(double(after[p].data()[i]) ==
              Approx(double(parameter.value.data()[i]) - lr * double(parameter.gradient.data()[i]))
                  .margin(1e-5));
    }
  }
}

TEST_CASE("a run that was traced goes on as one that was not, bit for bit") {
  const Tensor x = random_tensor({4, 3}, 1), b = random_tensor({4, 1}, 2);
  const Tensor a(Shape{4, 2}, std::vector<Scalar>{0, 1, 1, 0, 1, 0, 0, 1});
  const auto run = [&](bool looking) {
    set_seed(3);
    Model model = shared_net();
    model.compile({.optimizer = "adam", .loss = {"categorical_crossentropy", "mse"}});
    for (int step = 0; step < 3; ++step) {
      if (looking) {
        cornu::trace(model, x, {a, b});
        gradient_check(model, x, {a, b});
      }
      model.train_on_batch(x, {a, b});
    }
    return model.get_weights();
  };
  CHECK(same_bits(run(true), run(false)));
}

TEST_CASE("frozen parameters have no gradient in a trace") {
  Model model = shared_net();
  model.get_layer("shared")->set_trainable(false);
  model.compile({.optimizer = "sgd", .loss = {"categorical_crossentropy", "mse"}});
  const Tensor y(Shape{1, 2}, std::vector<Scalar>{0, 1}), z = random_tensor({1, 1}, 2);
  const Trace trace = cornu::trace(model, random_tensor({1, 3}, 1), {y, z});
  CHECK(trace["shared"].gradient.empty());
  CHECK(trace["shared"].parameters[0].gradient.empty());
  CHECK_FALSE(trace["a"].parameters[0].gradient.empty());
}

TEST_CASE("a trace needs a compiled model and data that fits") {
  Model model = shared_net();
  const Tensor x = random_tensor({4, 3}, 1), b = random_tensor({4, 1}, 2);
  CHECK_THROWS_WITH(cornu::trace(model, x, {b, b}), Catch::Contains("compile"));
  model.compile({.optimizer = "sgd", .loss = "mse"});
  CHECK_THROWS_AS(cornu::trace(model, x, b), Error);
  CHECK_THROWS_AS(cornu::trace(model, b, {b, b}), ShapeError);
}
