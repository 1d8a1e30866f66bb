#include "cornu/graph/closed_execution.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"

namespace cornu::detail {

namespace {

/// Adds the seconds of its life to a number; none to null.
class Stopwatch {
 public:
  explicit Stopwatch(double* seconds) : seconds_(seconds) {
    if (seconds_ != nullptr) begun_ = Clock::now();
  }
  ~Stopwatch() {
    if (seconds_ != nullptr)
      *seconds_ += std::chrono::duration<double>(Clock::now() - begun_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double* seconds_;
  Clock::time_point begun_;
};

AlignedArray make_arena(const FlatGraph& graph, const Plan& plan) {
  try {
    return AlignedArray(plan.arena_size());
  } catch (const MemoryError&) {
    throw_run_too_large(graph, plan.capacity(), static_cast<double>(plan.arena_size()));
  }
}

}  // namespace

/// What one node's layer is handed, bound to memory for a number of samples.
struct ClosedExecution::Bound {
  const Layer* layer = nullptr;
  bool is_input = false;
  std::vector<ConstView> inputs, backward_inputs;
  std::vector<View> dinputs;
  std::vector<ConstArray> parameters, states, carried, masks;
  std::vector<Array> mutable_states, mutable_carried, gradients;
  std::vector<Array> caches, forward_workspaces, backward_workspaces;
  View y, dy;
  Array mask;
  Forward forward;
  Backward backward;

  /// Spans into the vectors above, which no longer change their sizes.
  void tie() {
    forward.inputs = inputs;
    forward.y = y;
    forward.parameters = std::span<const ConstArray>(parameters);
    forward.states = std::span<const ConstArray>(states);
    forward.caches = std::span<const Array>(caches);
    forward.workspaces = std::span<const Array>(forward_workspaces);
    forward.carried = std::span<const ConstArray>(carried);
    forward.masks = masks;
    forward.output_mask = mask;
    backward.inputs = backward_inputs;
    backward.dy = dy;
    backward.dinputs = dinputs;
    backward.parameters = forward.parameters;
    backward.gradients = std::span<const Array>(gradients);
    backward.states = forward.states;
    backward.carried = forward.carried;
    backward.masks = masks;
    backward.output_mask = mask;
    backward.caches = forward.caches;
    backward.workspaces = std::span<const Array>(backward_workspaces);
  }
};

ClosedExecution::ClosedExecution(std::shared_ptr<const FlatGraph> graph,
                                 const ExecutionSettings& settings)
    : graph_(std::move(graph)),
      plan_(*graph_, settings.phase, settings.capacity, settings.uses, settings.sharing),
      arena_(make_arena(*graph_, plan_)),
      nodes_(graph_->nodes.size()) {
  std::map<const Variable*, std::size_t> offsets;
  if (settings.trained != nullptr)
    for (const TrainedParameters::Entry& entry : settings.trained->entries)
      offsets[entry.variable] = entry.offset;
  std::map<const Layer*, std::size_t> calls;
  for (const FlatNode& node : graph_->nodes) ++calls[node.layer.get()];
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const FlatNode& node = graph_->nodes[i];
    Bound& bound = nodes_[i];
    bound.layer = node.layer.get();
    bound.is_input = node.is_input();
    bound.inputs.resize(node.inputs.size());
    bound.backward_inputs.resize(node.inputs.size());
    bound.dinputs.resize(node.inputs.size());
    const Variables& variables = *node.layer->variables();
    bound.parameters.resize(table_size(variables.parameters));
    bound.gradients.resize(bound.parameters.size());
    for (const Variable& parameter : variables.parameters) {
      bound.parameters[parameter.slot] = parameter.values;
      const auto found = offsets.find(&parameter);
      if (node.trainable && found != offsets.end())
        bound.gradients[parameter.slot] =
            settings.gradients.subspan(found->second, parameter.values.size());
    }
    bound.states.resize(table_size(variables.states));
    bound.mutable_states.resize(bound.states.size());
    for (const Variable& state : variables.states)
      bound.states[state.slot] = bound.mutable_states[state.slot] = state.values;
    bound.carried.resize(table_size(node.carries));
    bound.mutable_carried.resize(bound.carried.size());
    if (node.traits.updates_state || !node.carries.empty()) moving_.push_back(i);
    bound.caches.resize(table_size(node.caches));
    bound.forward_workspaces.resize(table_size(node.workspaces));
    bound.backward_workspaces.resize(bound.forward_workspaces.size());
    bound.forward.training = settings.phase == Phase::train;
    bound.backward.before_activation = plan_.nodes()[i].before_activation;
    bound.backward.assign_gradients =
        node.traits.assigns && plan_.nodes()[i].backward && calls[bound.layer] == 1;
  }
  if (graph_->carried == nullptr) return;
  for (CarriedArray& array : graph_->carried->arrays)
    nodes_[array.node].carried[array.slot] = nodes_[array.node].mutable_carried[array.slot] =
        array.values.array();
}

ClosedExecution::~ClosedExecution() = default;

void ClosedExecution::bind(std::size_t samples) {
  samples_ = samples;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const FlatNode& node = graph_->nodes[i];
    const Plan::NodePlan& plan = plan_.nodes()[i];
    Bound& bound = nodes_[i];
    const Shape shape = node.shape.with_samples(samples);
    bound.y = {memory(plan.y), shape};
    bound.dy = {memory(plan.dy), shape};
    bound.mask = plan.mask ? Array(memory(plan.mask), samples * node.shape[0]) : Array{};
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const std::size_t input = node.inputs[k];
      const Shape input_shape = graph_->nodes[input].shape.with_samples(samples);
      bound.inputs[k] = {memory(plan_.nodes()[input].y), input_shape};
      bound.backward_inputs[k] = {node.traits.reads_input ? bound.inputs[k].data : nullptr,
                                  input_shape};
      Scalar* dx = nullptr;
      if (plan.backward && plan.passes[k] == Plan::NodePlan::Pass::assign)
        dx = memory(plan_.nodes()[input].dy);
      if (plan.backward && plan.passes[k] == Plan::NodePlan::Pass::add) dx = memory(plan.beside[k]);
      bound.dinputs[k] = {dx, input_shape};
    }
    const auto scratch = [this, samples](const std::vector<DeclaredScratch>& declared,
                                         const std::vector<Place>& places,
                                         std::vector<Array>& arrays) {
      for (std::size_t k = 0; k < places.size(); ++k)
        arrays[declared[k].slot] =
            places[k] ? Array(memory(places[k]), declared[k].at(samples)) : Array{};
    };
    scratch(node.caches, plan.caches, bound.caches);
    scratch(node.workspaces, plan.forward_workspaces, bound.forward_workspaces);
    scratch(node.workspaces, plan.backward_workspaces, bound.backward_workspaces);
    bind_masks(i, samples);
    bound.tie();
    bound.backward.y = {node.traits.reads_output ? bound.y.data : nullptr, shape};
  }
}

/// Shows a layer that reads masks those of its inputs; nodes before this one are bound.
void ClosedExecution::bind_masks(std::size_t i, std::size_t samples) {
  const FlatNode& node = graph_->nodes[i];
  std::vector<ConstArray>& masks = nodes_[i].masks;
  masks.clear();
  if (node.traits.mask == MaskRule::pass || node.traits.mask == MaskRule::refuse) return;
  for (const std::size_t input : node.inputs) {
    const std::size_t writer = graph_->nodes[input].mask;
    masks.push_back(
        writer == FlatNode::none
            ? ConstArray()
            : ConstArray(nodes_[writer].mask).first(samples * graph_->nodes[writer].shape[0]));
  }
}

void ClosedExecution::set_inputs(std::span<const Scalar* const> inputs) {
  for (std::size_t k = 0; k < inputs.size(); ++k)
    nodes_[graph_->inputs[k]].y.data =
        const_cast<Scalar*>(inputs[k]);  // only ever read: input nodes have no memory of their own
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const FlatNode& node = graph_->nodes[i];
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      const Bound& input = nodes_[node.inputs[k]];
      if (!input.is_input) continue;
      nodes_[i].inputs[k].data = input.y.data;
      if (node.traits.reads_input) nodes_[i].backward_inputs[k].data = input.y.data;
    }
  }
}

void ClosedExecution::forward(std::span<const Scalar* const> inputs, std::size_t samples,
                              std::uint64_t seed, std::uint64_t step) {
  CarriedState* const carried = graph_->carried.get();
  const CarriedUse use(carried);
  if (carried != nullptr && samples != carried->samples)
    throw ShapeError("forward",
                     "expected batches of " + std::to_string(carried->samples) + " samples, got " +
                         std::to_string(samples),
                     "the model carries states of so many samples: batch_input_shape fixes them");
  if (samples != samples_) bind(samples);
  set_inputs(inputs);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Bound& node = nodes_[i];
    if (node.is_input) continue;
    if (graph_->nodes[i].traits.random)
      node.forward.random = RandomStream(seed, Purpose::noise, i, step);
    const Stopwatch watch(times_ ? &(*times_)[i].forward : nullptr);
    node.layer->forward(node.forward);
  }
  if (carried != nullptr && plan_.phase() == Phase::predict) update_states();
}

ConstView ClosedExecution::output(std::size_t o) const { return nodes_[graph_->outputs[o]].y; }

ConstView ClosedExecution::output_mask(std::size_t o) const {
  const std::size_t mask = graph_->nodes[graph_->outputs[o]].mask;
  if (mask == FlatNode::none) return {};
  return {nodes_[mask].mask.data(), Shape{samples_, graph_->nodes[mask].shape[0]}};
}

View ClosedExecution::output_gradient(std::size_t o) { return nodes_[graph_->outputs[o]].dy; }

double ClosedExecution::activity_penalty() const {
  double penalty = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (const ActivityRegularizer* on_output = graph_->nodes[i].penalty)
      penalty += (*on_output)->value(nodes_[i].y.array()) / static_cast<double>(samples_);
  return penalty;
}

void ClosedExecution::update_states() {
  const CarriedUse use(graph_->carried.get());
  const bool training = plan_.phase() == Phase::train;
  for (const std::size_t i : moving_) {
    Bound& node = nodes_[i];
    if (!training && node.carried.empty()) continue;
    Update update{.states = {},
                  .carried = std::span<const Array>(node.mutable_carried),
                  .caches = std::span<const Array>(node.caches)};
    if (training) update.states = std::span<const Array>(node.mutable_states);
    node.layer->update(update);
  }
}

void ClosedExecution::add_activity_gradient(std::size_t i) {
  Bound& node = nodes_[i];
  if (const ActivityRegularizer* on_output = graph_->nodes[i].penalty)
    (*on_output)
        ->add_gradient(node.y.array(), Scalar{1} / static_cast<Scalar>(samples_), node.dy.array());
}

void ClosedExecution::clear_gradients() {
  for (Bound& node : nodes_)
    if (!node.backward.assign_gradients)
      for (const Array gradient : node.gradients)
        std::fill(gradient.begin(), gradient.end(), Scalar{0});
}

void ClosedExecution::backward() {
  clear_gradients();
  for (std::size_t i = nodes_.size(); i-- > 0;) {
    const Plan::NodePlan& plan = plan_.nodes()[i];
    if (!plan.backward) continue;
    Bound& node = nodes_[i];
    const Stopwatch watch(times_ ? &(*times_)[i].backward : nullptr);
    add_activity_gradient(i);
    node.layer->backward(node.backward);
    for (std::size_t k = 0; k < plan.passes.size(); ++k) {
      if (plan.passes[k] != Plan::NodePlan::Pass::add) continue;
      const View& sum = nodes_[graph_->nodes[i].inputs[k]].dy;
      kernels::add(sum.data, node.dinputs[k].data, sum.data, sum.size());
    }
  }
}

ConstView ClosedExecution::value(std::size_t node) const { return nodes_[node].y; }
ConstView ClosedExecution::gradient(std::size_t node) const { return nodes_[node].dy; }

}  // namespace cornu::detail
