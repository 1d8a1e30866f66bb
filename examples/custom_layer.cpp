// A layer of one's own: declared, checked, trained, saved, and loaded by its name.
#include <cornu/cornu.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

using namespace cornu;

struct SwishOptions {
  Initializer init = "one";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  void describe(Fields& fields) {
    describe_layer(fields, *this);
    fields.field("init", init, "how beta starts");
  }
};

/// y = x * sigmoid(beta * x), with a beta for each feature. x (N, D), beta (D,), y (N, D).
class Swish final : public ConfiguredLayer<SwishOptions> {
 public:
  explicit Swish(SwishOptions options = {}) : ConfiguredLayer("Swish", std::move(options)) {}

  Traits traits() const override { return {.reads_input = true}; }

  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.parameter(Slots::beta, input, options().init);
    return input;
  }

  void forward(const Forward& run) const override {
    const ConstArray x = run.x().array(), beta = run[Slots::beta];
    for (std::size_t i = 0; i < x.size(); ++i)
      run.y.data[i] = x[i] * sigmoid(beta[i % beta.size()] * x[i]);
  }

  void backward(const Backward& run) const override {
    const ConstArray x = run.x().array(), dy = run.dy.array(), beta = run[Slots::beta];
    const Array dbeta = run.gradient(Slots::beta);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t d = i % beta.size();
      const Scalar s = sigmoid(beta[d] * x[i]);
      const Scalar ds = s * (1 - s);
      // dy/dbeta = x^2 s (1 - s); empty when the layer is frozen
      if (!dbeta.empty()) dbeta[d] += dy[i] * x[i] * x[i] * ds;
      // dy/dx = s + beta x s (1 - s); null when nothing below is trained
      if (run.dx()) run.dx().data[i] = dy[i] * (s + beta[d] * x[i] * ds);
    }
  }

  static std::vector<LayerExample> examples() {
    return {{std::make_shared<Swish>(SwishOptions{.init = "uniform"}), {Shape{5}}}};
  }

 private:
  struct Slots {
    static constexpr ParameterSlot beta{0, "beta"};
  };
  static Scalar sigmoid(Scalar z) { return 1 / (1 + std::exp(-z)); }
};

int main() {
  register_layer<Swish>("Swish");
  set_seed(3);

  // Is the backward pass the derivative of the forward pass?
  const GradientReport report = gradient_check(Swish({.init = "uniform"}), {Shape{5}});
  std::printf("%s\n", report.to_string().c_str());

  // y = sin(x)
  Tensor x(Shape{256, 1}), y(Shape{256, 1});
  for (std::size_t n = 0; n < 256; ++n) {
    x(n, 0) = static_cast<Scalar>(n) / 40 - Scalar{3.2};
    y(n, 0) = std::sin(x(n, 0));
  }
  Sequential model;
  model.add(Dense({.output_dim = 16, .input_shape = {1}}));
  model.add(Swish());
  model.add(Dense({.output_dim = 1}));
  model.compile({.optimizer = adam({.lr = 0.02}), .loss = "mse"});
  model.fit(x, y, {.nb_epoch = 100, .verbose = 0});
  std::printf("mean squared error %.5f\n", model.evaluate(x, y)["loss"]);

  const std::string path = (std::filesystem::temp_directory_path() / "cornu-swish.json").string();
  model.save(path);
  const auto loaded = load_model(path);
  std::printf("loaded: layer 2 is %s, mean squared error %.5f\n",
              loaded->get_layer(1)->class_name().c_str(), loaded->evaluate(x, y)["loss"]);
  return report.passed ? 0 : 1;
}
