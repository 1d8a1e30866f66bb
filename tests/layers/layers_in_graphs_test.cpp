// Every registered layer, in every setting of its examples, as part of a graph: called twice with
// the same weights, each output read by several nodes.
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "cornu/graph/execution.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/inspection/gradient_check.hpp"
#include "cornu/layers/layer_class.hpp"

using namespace cornu;

namespace {

struct ScaleOptions {
  Shape input_shape = {}, batch_input_shape = {};
  std::string name = {};
  bool trainable = true;
  void describe(Fields& fields) { describe_layer(fields, *this); }
};

/// y = x * w element by element, w of a sample's shape. Takes masks.
class Scale : public ConfiguredLayer<ScaleOptions> {
 public:
  static constexpr ParameterSlot W{0, "w"};

  explicit Scale(ScaleOptions options = {}) : ConfiguredLayer("Scale", std::move(options)) {}
  Traits traits() const override { return {.mask = MaskRule::pass}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    builder.parameter(W, input, "one");
    return input;
  }
  void forward(const Forward& run) const override {
    const ConstArray w = run[W];
    for (std::size_t i = 0; i < run.y.size(); ++i)
      run.y.data[i] = run.x().data[i] * w[i % w.size()];
  }
  void backward(const Backward& run) const override {
    const ConstArray w = run[W];
    for (std::size_t i = 0; i < run.dy.size(); ++i) {
      if (const Array dw = run.gradient(W); !dw.empty())
        dw[i % w.size()] += run.dy.data[i] * run.x().data[i];
      if (run.dx()) run.dx().data[i] = run.dy.data[i] * w[i % w.size()];
    }
  }
};

/// In front of the layer and behind it lie Scales, so that a gradient flows through it:
///
///     input -> Scale -> layer -> Scale -> output        and the same again with other inputs;
///                         |  \-> Scale -> output
///                         \---> output
Model model_around(const LayerExample& example) {
  std::vector<Node> inputs, outputs;
  for (int call = 0; call < 2; ++call) {
    std::vector<Node> nodes;
    for (const Shape& shape : example.inputs) {
      inputs.push_back(input(shape));
      nodes.push_back(layer<Scale>()(inputs.back()));
    }
    const Node y = connect(example.layer, nodes);
    outputs.push_back(y);
    outputs.push_back(layer<Scale>()(y));
    outputs.push_back(layer<Scale>()(y));
  }
  return Model(inputs, outputs);
}

Tensor random_tensor(const Shape& shape, RandomStream& random) {
  Tensor tensor(shape);
  random.fill_normal(tensor.array(), 0, 1);
  return tensor;
}

constexpr std::size_t samples = 3;

/// What one run of a graph leaves behind.
struct Run {
  std::vector<Tensor> outputs;
  std::vector<Scalar> gradients;
};

Run run(const Model& model, const std::vector<Tensor>& x, Phase phase, Sharing sharing) {
  const auto graph = std::make_shared<const FlatGraph>(*model.container());
  const TrainedParameters trained(graph->trained_layers());
  AlignedArray gradients(trained.size);
  std::vector<OutputUse> uses;
  if (phase == Phase::train) uses.resize(graph->outputs.size());
  Execution execution(graph, phase, samples, uses, &trained, gradients.array(), sharing);
  std::vector<const Scalar*> pointers;
  for (const Tensor& tensor : x) pointers.push_back(tensor.data());
  execution.forward(pointers, samples, 7, 3);
  Run result;
  for (std::size_t o = 0; o < graph->outputs.size(); ++o)
    result.outputs.emplace_back(execution.output(o));
  if (phase == Phase::predict) return result;
  RandomStream random(2, Purpose::user);
  for (std::size_t o = 0; o < graph->outputs.size(); ++o)
    if (const View dy = execution.output_gradient(o)) random.fill_normal(dy.array(), 0, 1);
  execution.backward();
  result.gradients.assign(gradients.array().begin(), gradients.array().end());
  return result;
}

bool same_bits(ConstArray a, ConstArray b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i].array(), b[i].array())) return false;
  return a.size() == b.size();
}

template <class Check>
void for_every_example(Check check) {
  for (const std::string& name : layer_class_names()) {
    const std::vector<LayerExample> examples = find_layer_class(name, "test").examples();
    for (std::size_t i = 0; i < examples.size(); ++i) {
      INFO(name << ", example " << i);
      set_seed(11);
      Model model = model_around(examples[i]);
      RandomStream random(1, Purpose::user);
      // Weights that start at 0 or 1 would hide errors.
      for (const LayerPtr& layer : model.layers())
        for (const Variable& parameter : layer->variables()->parameters)
          for (Scalar& value : parameter.values)
            value += static_cast<Scalar>(0.3 * random.normal());
      std::vector<Tensor> x;
      for (const Node& node : model.inputs())
        x.push_back(random_tensor(node.shape().with_samples(samples), random));
      check(model, x);
    }
  }
}

}  // namespace

TEST_CASE("in a graph every layer computes the same with shared memory as with arrays of its own") {
  for_every_example([](const Model& model, const std::vector<Tensor>& x) {
    for (const Phase phase : {Phase::predict, Phase::train}) {
      const Run shared = run(model, x, phase, Sharing::shared);
      const Run kept = run(model, x, phase, Sharing::kept);
      CHECK(same_bits(shared.outputs, kept.outputs));
      CHECK(same_bits(shared.gradients, kept.gradients));
    }
    const std::vector<Tensor> predicted = model.predict_all(x);
    CHECK(same_bits(predicted, run(model, x, Phase::predict, Sharing::kept).outputs));
  });
}

TEST_CASE("in a graph every layer's gradients agree with differences") {
  for_every_example([](Model& model, const std::vector<Tensor>& x) {
    model.compile({.optimizer = "sgd", .loss = "mse"});
    RandomStream random(5, Purpose::user);
    std::vector<Tensor> y;
    for (const Node& node : model.outputs())
      y.push_back(random_tensor(node.shape().with_samples(samples), random));
    const std::vector<Tensor> before = model.get_weights();
    const GradientReport report = gradient_check(model, x, y);
    INFO(report.to_string());
    CHECK(report.passed);
    CHECK(same_bits(model.get_weights(), before));
  });
}
