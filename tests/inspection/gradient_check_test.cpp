// gradient_check of whole models: it passes right ones, catches wrong ones, and leaves no trace.
#include <catch2/catch.hpp>
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

struct Options {
  Shape input_shape = {}, batch_input_shape = {};
  std::string name = {};
  bool trainable = true;
  void describe(Fields& fields) { describe_layer(fields, *this); }
};

/// y = noise * x^2, the noise drawn anew at every step.
class NoisySquare : public ConfiguredLayer<Options> {
 public:
  static constexpr CacheSlot noises{0, "noises"};

  explicit NoisySquare(Options options = {}) : ConfiguredLayer("NoisySquare", options) {}
  Traits traits() const override { return {.random = true, .training_differs = true}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.cache(noises, input.size());
    return input;
  }
  void forward(const Forward& run) const override {
    RandomStream random = run.random;
    for (std::size_t i = 0; i < run.y.size(); ++i) {
      const Scalar x = run.x().data[i];
      const Scalar noise = run.training ? static_cast<Scalar>(random.uniform() + 0.5) : 1;
      if (run.training) run[noises][i] = noise;
      run.y.data[i] = noise * x * x;
    }
  }
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; run.dx() && i < run.dy.size(); ++i)
      run.dx().data[i] = factor * run.dy.data[i] * run[noises][i] * run.x().data[i];
  }
  Scalar factor = 2;
};

/// One that throws at its `patience`th call.
class Impatient : public NoisySquare {
 public:
  void forward(const Forward& run) const override {
    if (--patience == 0) throw ConfigError("impatient", "expected less");
    NoisySquare::forward(run);
  }
  mutable int patience = 4;
};

/// Two inputs through one branch (a model), an auxiliary output, penalties, noise.
struct Net {
  explicit Net(const std::shared_ptr<NoisySquare>& noise = std::make_shared<NoisySquare>()) {
    Sequential branch("branch");
    branch.add<Dense>(
        {.output_dim = 3, .activation = "tanh", .W_regularizer = l2(0.1), .input_shape = {2}});
    branch.add<BatchNormalization>();
    const Node a = input({2}, "a"), b = input({2}, "b");
    const Node left = branch(a), right = branch(b);
    const Node joined = merge({left, right}, {.mode = "mul"});
    const Node noisy = connect(noise, {joined});
    const Node main = layer<Dense>({.output_dim = 2, .activation = "softmax", .name = "main"})(
        merge({noisy, left}, {.mode = "concat"}));
    const Node aux = layer<Dense>(
        {.output_dim = 1, .activity_regularizer = activity_l2(0.1), .name = "aux"})(left);
    model = std::make_unique<Model>(std::vector{a, b}, std::vector{main, aux});
    model->compile({.optimizer = "adam",
                    .loss = {"categorical_crossentropy", "mse"},
                    .metrics = {"accuracy"},
                    .loss_weights = {1, 0.3}});
  }
  GradientReport check() { return gradient_check(*model, {x1, x2}, {y1, y2}); }

  std::unique_ptr<Model> model;
  Tensor x1 = random_tensor({4, 2}, 1), x2 = random_tensor({4, 2}, 2);
  Tensor y1 = Tensor(Shape{4, 2}, std::vector<Scalar>{0, 1, 1, 0, 1, 0, 0, 1});
  Tensor y2 = random_tensor({4, 1}, 3);
};

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!std::equal(a[i].begin(), a[i].end(), b[i].begin())) return false;
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("the gradients of a model with everything in it are right") {
  set_seed(5);
  Net net;
  const GradientReport report = net.check();
  INFO(report.to_string());
  CHECK(report.passed);
  // Dense (2, 3) + 3, two of 3; main (6, 2) + 2; aux (3, 1) + 1.
  CHECK(report.checked + report.kinks == 9 + 6 + 14 + 4);
}

TEST_CASE("a wrong layer is caught in the middle of a model") {
  set_seed(5);
  const auto noise = std::make_shared<NoisySquare>();
  noise->factor = Scalar(1.5);
  Net net(noise);
  const GradientReport report = net.check();
  INFO(report.to_string());
  CHECK_FALSE(report.passed);
}

TEST_CASE("a gradient check leaves weights, states, metrics and randomness as they were") {
  set_seed(5);
  Net checked;
  set_seed(5);
  Net other;
  checked.model->trainer();
  const std::vector<Tensor> before = checked.model->get_weights();
  CHECK(checked.check().passed);
  CHECK(same_bits(checked.model->get_weights(), before));
  for (Net* net : {&checked, &other})
    net->model->train_on_batch({net->x1, net->x2}, {net->y1, net->y2});
  CHECK(same_bits(checked.model->get_weights(), other.model->get_weights()));
}

TEST_CASE("a layer that throws in the middle of a check leaves the weights as they were") {
  set_seed(5);
  Net net(std::make_shared<Impatient>());
  const std::vector<Tensor> before = net.model->get_weights();
  CHECK_THROWS_AS(net.check(), ConfigError);
  CHECK(same_bits(net.model->get_weights(), before));
}

TEST_CASE("sample weights take part in a gradient check, frozen layers do not") {
  set_seed(5);
  Net net;
  net.model->get_layer("main")->set_trainable(false);
  net.model->compile({.optimizer = "sgd", .loss = {"categorical_crossentropy", "mse"}});
  const Tensor weights(Shape{4}, std::vector<Scalar>{1, 0, 2, 3});
  const GradientReport report =
      gradient_check(*net.model, {net.x1, net.x2}, {net.y1, net.y2}, {}, {weights, weights});
  INFO(report.to_string());
  CHECK(report.passed);
  CHECK(report.checked + report.kinks == 9 + 6 + 4);
}

TEST_CASE("a gradient check needs a compiled model") {
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {1}});
  const Tensor x(Shape{1, 1});
  CHECK_THROWS_WITH(gradient_check(model, x, x), Catch::Contains("compile"));
}
