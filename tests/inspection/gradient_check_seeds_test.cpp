// The gradient check must not lie: right models pass and wrong ones fail, whatever the seed.
// CORNU_SEEDS=1000 in the environment runs as many; a test run takes fewer.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

std::uint64_t seeds() {
  const char* wanted = std::getenv("CORNU_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 12;
}

Tensor normal(const Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  RandomStream(seed, Purpose::user).fill_normal(tensor.array(), 0, 1);
  return tensor;
}

/// One 1 a row.
Tensor classes(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Tensor tensor(Shape{rows, columns});
  for (std::size_t i = 0; i < rows; ++i) tensor(i, (i * 7 + seed) % columns) = 1;
  return tensor;
}

void for_all_seeds(bool right, const std::function<GradientReport(std::uint64_t)>& check) {
  std::size_t lies = 0, left_out = 0, elements = 0;
  std::string first;
  for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
    set_seed(seed);
    const GradientReport report = check(seed);
    left_out += report.kinks;
    elements += report.checked + report.kinks;
    if (report.passed != right && lies++ == 0)
      first = "seed " + std::to_string(seed) + ": " + report.to_string();
  }
  INFO(first);
  CHECK(lies == 0);
  // Leaving out what is hard to check would be another way to lie.
  CHECK(left_out * 50 <= elements);
}

enum class Mistake { none, thousandth, sign, missing_term, one_element, bias_thousandth };

struct Options {
  Shape input_shape = {}, batch_input_shape = {};
  std::string name = {};
  bool trainable = true;
  void describe(Fields& fields) { describe_layer(fields, *this); }
};

/// y = tanh(w x + b), each with its own w and b.
class Mistaken final : public ConfiguredLayer<Options> {
 public:
  explicit Mistaken(Mistake mistake, Options options = {})
      : ConfiguredLayer("Mistaken", options), mistake_(mistake) {}
  Traits traits() const override { return {.reads_input = true, .reads_output = true}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.parameter(w_, input, "one", {}, {});
    builder.parameter(b_, input, "zero", {}, {});
    return input;
  }
  void forward(const Forward& run) const override {
    const ConstArray w = run[w_], b = run[b_];
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = std::tanh(run.x().data[i] * w[i % w.size()] + b[i % b.size()]);
  }
  void backward(const Backward& run) const override {
    const ConstArray w = run[w_];
    const Array dw = run.gradient(w_), db = run.gradient(b_);
    const auto factor_if = [&](Mistake mistake, double factor) {
      return static_cast<Scalar>(mistake_ == mistake ? factor : 1);
    };
    for (std::size_t i = 0; i < run.dy.size(); ++i) {
      const std::size_t column = i % w.size();
      const Scalar y = run.y.data[i], x = run.x().data[i];
      const Scalar inner = mistake_ == Mistake::missing_term ? Scalar(1) : 1 - y * y;
      const Scalar dz = run.dy.data[i] * inner * factor_if(Mistake::thousandth, 1.001) *
                        factor_if(Mistake::sign, -1);
      if (run.dx()) run.dx().data[i] = dz * w[column];
      if (dw.empty()) continue;
      dw[column] += dz * x * (column == 1 ? factor_if(Mistake::one_element, 2) : Scalar(1));
      db[column] += dz * factor_if(Mistake::bias_thousandth, 1.001);
    }
  }

 private:
  static constexpr ParameterSlot w_{0, "w"}, b_{1, "b"};
  Mistake mistake_;
};

const Mistake mistakes[] = {Mistake::none,         Mistake::thousandth,  Mistake::sign,
                            Mistake::missing_term, Mistake::one_element, Mistake::bias_thousandth};

}  // namespace

TEST_CASE("xor with relu, whose biases stand on kinks, passes for every seed") {
  const Tensor x(Shape{4, 2}, std::vector<Scalar>{0, 0, 0, 1, 1, 0, 1, 1});
  const Tensor y(Shape{4, 1}, std::vector<Scalar>{0, 1, 1, 0});
  for_all_seeds(true, [&](std::uint64_t) {
    Sequential model;
    model.add<Dense>({.output_dim = 8, .activation = "relu", .input_shape = {2}});
    model.add<Dense>({.output_dim = 1, .activation = "sigmoid"});
    model.compile({.optimizer = "adam", .loss = "binary_crossentropy"});
    return gradient_check(model, x, y);
  });
}

TEST_CASE("dense networks, with and without normalization, pass for every seed") {
  for (const char* activation : {"relu", "tanh"})
    for (const bool normalized : {false, true})
      for_all_seeds(true, [&](std::uint64_t seed) {
        const Tensor x = normal({8, 4}, seed);
        Tensor y(Shape{8, 1});
        for (std::size_t i = 0; i < 8; ++i) y(i, 0) = x(i, 0) > 0;
        Sequential model;
        model.add<Dense>({.output_dim = 8, .input_shape = {4}});
        if (normalized) model.add<BatchNormalization>();
        model.add<Activation>({.activation = activation});
        if (!normalized) model.add<Dense>({.output_dim = 8, .activation = activation});
        model.add<Dense>({.output_dim = 1, .activation = "sigmoid"});
        model.compile({.optimizer = "sgd", .loss = "binary_crossentropy"});
        return gradient_check(model, x, y);
      });
}

TEST_CASE("a row that normalization puts on relu's kink exactly passes for every seed") {
  const Tensor x(Shape{3, 2}, std::vector<Scalar>{1, 2, 3, 4, 5, 6});
  for_all_seeds(true, [&](std::uint64_t seed) {
    Sequential model;
    model.add<Dense>({.output_dim = 4, .input_shape = {2}});
    model.add<BatchNormalization>();
    model.add<Activation>({.activation = "relu"});
    model.add<Dense>({.output_dim = 1});
    model.compile({.optimizer = "sgd", .loss = "mse"});
    return gradient_check(model, x, normal({3, 1}, seed));
  });
}

TEST_CASE("maxout, PReLU, l1 and the absolute error pass for every seed") {
  for_all_seeds(true, [&](std::uint64_t seed) {
    Sequential model;
    model.add<MaxoutDense>({.output_dim = 4, .nb_feature = 3, .input_shape = {3}});
    model.add<PReLU>();
    model.add<Dense>({.output_dim = 2, .W_regularizer = l1(0.01)});
    model.compile({.optimizer = "sgd", .loss = "mae"});
    return gradient_check(model, normal({6, 3}, seed), normal({6, 2}, seed + 1));
  });
}

TEST_CASE("a batch with hundreds of kinks passes for every seed") {
  for_all_seeds(true, [&](std::uint64_t seed) {
    Sequential model;
    model.add<Dense>({.output_dim = 12, .activation = "relu", .input_shape = {5}});
    model.add<Dense>({.output_dim = 3, .activation = "softmax"});
    model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
    return gradient_check(model, normal({100, 5}, seed), classes(100, 3, seed));
  });
}

TEST_CASE("every loss passes for every seed") {
  struct Pair {
    const char *loss, *activation;
  };
  for (const Pair& pair : {Pair{"mse", "linear"},
                           {"mae", "linear"},
                           {"mape", "linear"},
                           {"msle", "softplus"},
                           {"squared_hinge", "linear"},
                           {"hinge", "linear"},
                           {"binary_crossentropy", "sigmoid"},
                           {"categorical_crossentropy", "softmax"},
                           {"sparse_categorical_crossentropy", "softmax"},
                           {"kld", "softmax"},
                           {"poisson", "softplus"},
                           {"cosine_proximity", "linear"}}) {
    INFO(pair.loss);
    for_all_seeds(true, [&](std::uint64_t seed) {
      const std::string loss = pair.loss;
      Tensor y = normal({5, 3}, seed + 5);
      if (loss == "sparse_categorical_crossentropy") {
        y = Tensor(Shape{5, 1});
        for (std::size_t i = 0; i < 5; ++i) y(i, 0) = static_cast<Scalar>(i % 3);
      } else if (loss == "kld" || loss.find("entropy") != std::string::npos) {
        y = classes(5, 3, seed);
      } else if (loss == "msle" || loss == "poisson") {
        for (Scalar& value : y) value = std::abs(value);
      } else if (loss.find("hinge") != std::string::npos) {
        for (Scalar& value : y) value = value > 0 ? Scalar(1) : Scalar(-1);
      }
      Sequential model;
      model.add<Dense>({.output_dim = 6, .activation = "relu", .input_shape = {3}});
      model.add<Dense>({.output_dim = 3, .activation = pair.activation});
      model.compile({.optimizer = "sgd", .loss = loss});
      return gradient_check(model, normal({5, 3}, seed), y);
    });
  }
}

TEST_CASE("mistakes in backward are found for every seed, in a layer and in a model") {
  for (const Mistake mistake : mistakes) {
    INFO(static_cast<int>(mistake));
    for_all_seeds(mistake == Mistake::none, [&](std::uint64_t seed) {
      return gradient_check(Mistaken(mistake), {Shape{4}}, {.seed = seed});
    });
    for (const char* activation : {"linear", "relu"})
      for_all_seeds(mistake == Mistake::none, [&](std::uint64_t seed) {
        Sequential model;
        model.add<Dense>({.output_dim = 5, .activation = activation, .input_shape = {3}});
        model.add(std::make_shared<Mistaken>(mistake));
        model.add<Dense>({.output_dim = 2});
        model.compile({.optimizer = "sgd", .loss = "mse"});
        return gradient_check(model, normal({8, 3}, seed), normal({8, 2}, seed + 3));
      });
  }
}

TEST_CASE("a loss that is not finite has no derivative to check") {
  Sequential model;
  model.add<Dense>({.output_dim = 1, .input_shape = {1}});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  Tensor weight(Shape{1, 1}), bias(Shape{1});
  weight(0, 0) = std::numeric_limits<Scalar>::infinity();
  model.set_weights({weight, bias});
  const Tensor x(Shape{1, 1}, std::vector<Scalar>{1});
  CHECK_THROWS_AS(gradient_check(model, x, x), NumericError);
}
