#include "cornu/models/stream.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "cornu/core/error.hpp"
#include "cornu/graph/flat_graph.hpp"
#include "cornu/layers/declarations.hpp"
#include "cornu/models/data.hpp"
#include "cornu/models/model.hpp"

namespace cornu {
namespace {

/// What a layer declares where it is followed step by step.
struct StepDeclarations final : Declarations {
  using Declarations::Declarations;
  bool step_by_step() const override { return true; }
};

/// The shape with T steps where it has a time axis.
Shape with_steps(Shape shape, std::size_t steps) {
  std::array<std::size_t, Shape::max_rank> sizes{};
  std::copy(shape.begin(), shape.end(), sizes.begin());
  sizes[0] = steps;
  return Shape(std::span<const std::size_t>(sizes.data(), shape.rank()));
}

[[noreturn]] void refuse(const Layer& layer, const std::string& why) {
  throw ConfigError("Stream", layer.place() + " cannot be followed step by step: " + why,
                    "a stream takes layers whose output at a step depends on that step and on "
                    "earlier ones alone; use predict on whole sequences");
}

/// Whether this input of the graph is a sequence: steps of numbers, or words.
bool is_sequence(const FlatGraph& graph, std::size_t input) {
  return graph.nodes[input].shape.rank() >= 2 || graph.indices_below(input) != 0;
}

/// The numbers of a model's layers, as they were.
struct Weights {
  std::vector<std::vector<ConstArray>> parameters, states;  ///< by node and slot
  AlignedArray numbers;
};

}  // namespace

class Stream::Impl {
 public:
  /// One call of a layer.
  struct Node {
    LayerPtr layer;
    std::vector<std::size_t> from;
    Shape shape;         ///< of a sample of one step; with the time axis, of size 1, where timed
    bool timed = false;  ///< has a value for each step, not for all so far
    std::vector<DeclaredScratch> caches, workspaces, carries;
    std::size_t mask = FlatNode::none;

    std::vector<ConstView> inputs;
    std::vector<ConstArray> masks;
    std::vector<Array> cache_arrays, workspace_arrays, carried_arrays;
    std::vector<ConstArray> const_carried;
    View y;
    Array mask_array;
    Forward forward;
    Update update;
  };

  Impl(std::shared_ptr<const FlatGraph> graph, std::size_t samples)
      : graph_(std::move(graph)), samples_(samples) {
    declare_nodes();
    copy_weights();
    place_arrays();
  }
  Impl(const Impl& other)
      : input_shapes(other.input_shapes),
        output_shapes(other.output_shapes),
        graph_(other.graph_),
        samples_(other.samples_),
        inputs_(other.inputs_),
        nodes_(other.nodes_),
        weights_(other.weights_) {
    place_arrays();
    std::copy(other.memory_.array().begin(), other.memory_.array().end(), memory_.data());
  }
  Impl& operator=(const Impl&) = delete;

  std::size_t samples() const { return samples_; }
  std::vector<Shape> input_shapes, output_shapes;

  void step(std::span<const Scalar* const> x, std::span<Scalar* const> y) {
    for (std::size_t k = 0; k < x.size(); ++k)
      if (inputs_[k].indices_below != 0)
        check_indices({x[k], input_shapes[k]}, inputs_[k], "Stream::step");
    for (std::size_t k = 0; k < x.size(); ++k)
      std::copy_n(x[k], input_shapes[k].size(), nodes_[graph_->inputs[k]].y.data);
    for (Node& node : nodes_) {
      if (node.from.empty()) continue;
      node.layer->forward(node.forward);
      if (!node.carries.empty()) node.layer->update(node.update);
    }
    for (std::size_t k = 0; k < y.size(); ++k)
      std::copy_n(nodes_[graph_->outputs[k]].y.data, output_shapes[k].size(), y[k]);
  }

  /// The arrays of what is remembered.
  std::vector<View> remembered() {
    std::vector<View> arrays;
    for (Node& node : nodes_)
      for (const DeclaredScratch& declared : node.carries)
        arrays.push_back(
            {node.carried_arrays[declared.slot].data(), Shape{samples_, declared.per_sample}});
    return arrays;
  }

  void reset() { std::fill_n(memory_.data(), remembered_, Scalar{0}); }

 private:
  void declare_nodes();
  void declare_node(const FlatNode& flat, Node& node);
  void copy_weights();
  void place_arrays();

  std::shared_ptr<const FlatGraph> graph_;
  std::size_t samples_;
  std::vector<DataSlot> inputs_;  ///< which of them are words
  std::vector<Node> nodes_;
  std::shared_ptr<const Weights> weights_;
  AlignedArray memory_;
  std::size_t remembered_ = 0;  ///< how much of the memory, from its beginning
};

void Stream::Impl::declare_nodes() {
  nodes_.resize(graph_->nodes.size());
  bool any_sequence = false;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const FlatNode& flat = graph_->nodes[i];
    Node& node = nodes_[i];
    node.layer = flat.layer;
    node.from = flat.inputs;
    node.mask = flat.mask;
    if (!flat.is_input()) {
      declare_node(flat, node);
      continue;
    }
    node.timed = is_sequence(*graph_, i);
    any_sequence = any_sequence || node.timed;
    node.shape = node.timed ? with_steps(flat.shape, 1) : flat.shape;
  }
  if (!any_sequence)
    throw ConfigError("Stream", "expected a model of sequences (N, T, ...), got one without steps",
                      "predict_on_batch or a Predictor serves it");
  // A step's arrays are those of the nodes, without the time axis.
  const auto shape_of = [this](std::size_t i) {
    const Shape& shape = nodes_[i].shape;
    return (nodes_[i].timed ? shape.without_samples() : shape).with_samples(samples_);
  };
  for (const std::size_t i : graph_->inputs) {
    input_shapes.push_back(shape_of(i));
    inputs_.push_back({.name = nodes_[i].layer->name(),
                       .shape = input_shapes.back().without_samples(),
                       .indices_below = graph_->indices_below(i)});
  }
  for (const std::size_t i : graph_->outputs) output_shapes.push_back(shape_of(i));
}

void Stream::Impl::declare_node(const FlatNode& flat, Node& node) {
  const Layer& layer = *flat.layer;
  std::vector<Shape> one_step, two_steps;
  bool timed = false;
  for (const std::size_t k : flat.inputs) {
    one_step.push_back(nodes_[k].shape);
    two_steps.push_back(nodes_[k].timed ? with_steps(nodes_[k].shape, 2) : nodes_[k].shape);
    timed = timed || nodes_[k].timed;
  }
  if (timed && !flat.traits.causal) refuse(layer, "what it makes of a step depends on others");
  if (layer.traits().mask == MaskRule::refuse && node.mask != FlatNode::none)
    refuse(layer, "it is handed a mask");
  StepDeclarations declared(layer.place()), again(layer.place());
  try {
    node.shape = layer.build(one_step, declared);
    node.timed = timed && !(layer.build(two_steps, again) == node.shape);
    if (node.timed && node.shape.front() != 1) refuse(layer, "it joins steps");
  } catch (const ShapeError& error) {
    refuse(layer, error.what());
  }
  const Variables& variables = *layer.variables();
  const bool same =
      std::equal(declared.parameters.begin(), declared.parameters.end(),
                 variables.parameters.begin(), variables.parameters.end(),
                 [](const DeclaredArray& a, const Variable& b) { return a.shape == b.shape; });
  if (!same) refuse(layer, "its weights belong to single steps");
  node.caches = std::move(declared.caches);
  node.workspaces = std::move(declared.workspaces);
  // What reads a whole sequence at every step begins afresh.
  if (timed) node.carries = std::move(declared.carries);
}

void Stream::Impl::copy_weights() {
  auto weights = std::make_shared<Weights>();
  std::map<const Variable*, std::size_t> offsets;
  std::size_t size = 0;
  const auto each_variable = [&](const auto& visit) {
    for (const Node& node : nodes_) {
      for (const Variable& variable : node.layer->variables()->parameters) visit(variable);
      for (const Variable& variable : node.layer->variables()->states) visit(variable);
    }
  };
  each_variable([&](const Variable& variable) {
    if (offsets.emplace(&variable, size).second) size += aligned_size(variable.values.size());
  });
  weights->numbers = AlignedArray(size);
  each_variable([&](const Variable& variable) {
    std::copy(variable.values.begin(), variable.values.end(),
              weights->numbers.data() + offsets.at(&variable));
  });
  const auto table = [&](const std::vector<Variable>& variables) {
    std::vector<ConstArray> arrays;
    for (const Variable& variable : variables) {
      arrays.resize(variable.slot + 1);
      arrays.back() =
          weights->numbers.array().subspan(offsets.at(&variable), variable.values.size());
    }
    return arrays;
  };
  for (const Node& node : nodes_) {
    weights->parameters.push_back(table(node.layer->variables()->parameters));
    weights->states.push_back(table(node.layer->variables()->states));
  }
  weights_ = std::move(weights);
}

void Stream::Impl::place_arrays() {
  // Once to measure, once to hand the memory out. What is remembered comes first, for `reset`.
  std::size_t size = 0;
  Scalar* base = nullptr;
  const auto take = [&](std::size_t numbers) -> Array {
    const Array array = base ? Array(base + size, numbers) : Array();
    size += aligned_size(numbers);
    return array;
  };
  const auto take_all = [&](const std::vector<DeclaredScratch>& declared, bool testing,
                            std::vector<Array>& arrays) {
    for (const DeclaredScratch& one : declared) {
      arrays.resize(one.slot + 1);
      if (!testing || one.kept == Kept::always) arrays[one.slot] = take(one.at(samples_));
    }
  };
  const auto place = [&] {
    size = 0;
    for (Node& node : nodes_) take_all(node.carries, false, node.carried_arrays);
    remembered_ = size;
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
      Node& node = nodes_[index];
      take_all(node.caches, true, node.cache_arrays);
      take_all(node.workspaces, false, node.workspace_arrays);
      const Shape shape = node.shape.with_samples(samples_);
      node.y = {take(shape.size()).data(), shape};
      if (node.mask == index) node.mask_array = take(samples_);  // one that it makes itself
    }
  };
  place();
  memory_ = AlignedArray(size);
  base = memory_.data();
  place();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = nodes_[i];
    node.inputs.clear();
    node.masks.clear();
    for (const std::size_t k : node.from) {
      node.inputs.push_back(nodes_[k].y);
      const std::size_t mask = graph_->nodes[k].mask;
      node.masks.push_back(mask == FlatNode::none || !nodes_[k].timed
                               ? ConstArray()
                               : ConstArray(nodes_[mask].mask_array));
    }
    node.forward.inputs = node.inputs;
    node.forward.masks = node.masks;
    node.forward.y = node.y;
    node.forward.parameters = std::span<const ConstArray>(weights_->parameters[i]);
    node.forward.states = std::span<const ConstArray>(weights_->states[i]);
    node.forward.caches = std::span<const Array>(node.cache_arrays);
    node.forward.workspaces = std::span<const Array>(node.workspace_arrays);
    node.const_carried.assign(node.carried_arrays.begin(), node.carried_arrays.end());
    node.forward.carried = std::span<const ConstArray>(node.const_carried);
    node.forward.output_mask = node.mask_array;
    node.forward.step_by_step = true;
    node.update.caches = node.forward.caches;
    node.update.carried = std::span<const Array>(node.carried_arrays);
  }
}

Stream::Stream(const Model& model, std::size_t samples) {
  if (samples == 0) throw ConfigError("Stream", "expected at least one sample, got 0");
  impl_ = std::make_unique<Impl>(model.graph(), samples);
}
Stream::~Stream() = default;
Stream::Stream(const Stream& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Stream& Stream::operator=(const Stream& other) {
  if (this != &other) impl_ = std::make_unique<Impl>(*other.impl_);
  return *this;
}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

std::size_t Stream::samples() const noexcept { return impl_->samples(); }
const std::vector<Shape>& Stream::input_shapes() const noexcept { return impl_->input_shapes; }
const std::vector<Shape>& Stream::output_shapes() const noexcept { return impl_->output_shapes; }

void Stream::step(const Tensor& x, Tensor& y) {
  const auto check = [](const char* what, const std::vector<Shape>& shapes, const Shape& got) {
    if (shapes.size() != 1)
      throw ShapeError(
          "Stream::step",
          std::string("the model has ") + std::to_string(shapes.size()) + " " + what + "s",
          "hand them over as spans of pointers");
    if (!(shapes[0] == got))
      throw ShapeError("Stream::step",
                       std::string("expected an ") + what + " of shape " + shapes[0].to_string() +
                           ", got " + got.to_string(),
                       "a step has no axis of time");
  };
  check("input", impl_->input_shapes, x.shape());
  check("output", impl_->output_shapes, y.shape());
  step(x.data(), y.data());
}

void Stream::step(const Scalar* x, Scalar* y) {
  const Scalar* const inputs[] = {x};
  Scalar* const outputs[] = {y};
  step(inputs, outputs);
}

void Stream::step(std::span<const Scalar* const> x, std::span<Scalar* const> y) {
  if (x.size() != impl_->input_shapes.size() || y.size() != impl_->output_shapes.size())
    throw ShapeError("Stream::step",
                     "expected " + std::to_string(impl_->input_shapes.size()) + " inputs and " +
                         std::to_string(impl_->output_shapes.size()) + " outputs, got " +
                         std::to_string(x.size()) + " and " + std::to_string(y.size()));
  impl_->step(x, y);
}

void Stream::reset() noexcept { impl_->reset(); }

std::vector<Tensor> Stream::state() const {
  std::vector<Tensor> state;
  for (const View& array : impl_->remembered()) state.emplace_back(ConstView(array));
  return state;
}

void Stream::set_state(const std::vector<Tensor>& state) {
  const std::vector<View> arrays = impl_->remembered();
  if (state.size() != arrays.size())
    throw ShapeError("Stream::set_state", "expected " + std::to_string(arrays.size()) +
                                              " arrays, got " + std::to_string(state.size()));
  for (std::size_t i = 0; i < arrays.size(); ++i)
    if (!(state[i].shape() == arrays[i].shape))
      throw ShapeError("Stream::set_state", "expected array " + std::to_string(i) + " of shape " +
                                                arrays[i].shape.to_string() + ", got " +
                                                state[i].shape().to_string());
  for (std::size_t i = 0; i < arrays.size(); ++i)
    std::copy(state[i].begin(), state[i].end(), arrays[i].data);
}

}  // namespace cornu
