#include "cornu/graph/execution.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"

namespace cornu {

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
struct Execution::Bound {
  const Layer* layer = nullptr;
  bool is_input = false;
  std::vector<ConstView> inputs, backward_inputs;
  std::vector<View> dinputs;
  std::vector<ConstArray> parameters, states;
  std::vector<Array> mutable_states, gradients;
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
    forward.mask = mask;
    backward.inputs = backward_inputs;
    backward.dy = dy;
    backward.dinputs = dinputs;
    backward.parameters = forward.parameters;
    backward.gradients = std::span<const Array>(gradients);
    backward.states = forward.states;
    backward.caches = forward.caches;
    backward.workspaces = std::span<const Array>(backward_workspaces);
  }
};

Execution::Execution(std::shared_ptr<const FlatGraph> graph, Phase phase, std::size_t capacity,
                     const std::vector<OutputUse>& uses, const TrainedParameters* trained,
                     Array gradients, Sharing sharing)
    : graph_(std::move(graph)),
      plan_(*graph_, phase, capacity, uses, sharing),
      arena_(make_arena(*graph_, plan_)),
      nodes_(graph_->nodes.size()) {
  std::map<const Variable*, std::size_t> offsets;
  if (trained != nullptr)
    for (const TrainedParameters::Entry& entry : trained->entries)
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
    bound.parameters.resize(detail::table_size(variables.parameters));
    bound.gradients.resize(bound.parameters.size());
    for (const Variable& parameter : variables.parameters) {
      bound.parameters[parameter.slot] = parameter.values;
      const auto found = offsets.find(&parameter);
      if (node.trainable && found != offsets.end())
        bound.gradients[parameter.slot] = gradients.subspan(found->second, parameter.values.size());
    }
    bound.states.resize(detail::table_size(variables.states));
    bound.mutable_states.resize(bound.states.size());
    for (const Variable& state : variables.states)
      bound.states[state.slot] = bound.mutable_states[state.slot] = state.values;
    bound.caches.resize(detail::table_size(node.caches));
    bound.forward_workspaces.resize(detail::table_size(node.workspaces));
    bound.backward_workspaces.resize(bound.forward_workspaces.size());
    bound.forward.training = phase == Phase::train;
    bound.backward.before_activation = plan_.nodes()[i].before_activation;
    bound.backward.assign_gradients =
        node.traits.assigns && plan_.nodes()[i].backward && calls[bound.layer] == 1;
  }
}

Execution::~Execution() = default;

void Execution::bind(std::size_t samples) {
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
    bound.tie();
    bound.backward.y = {node.traits.reads_output ? bound.y.data : nullptr, shape};
  }
}

void Execution::set_inputs(std::span<const Scalar* const> inputs) {
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

void Execution::forward(std::span<const Scalar* const> inputs, std::size_t samples,
                        std::uint64_t seed, std::uint64_t step) {
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
}

ConstView Execution::output(std::size_t o) const { return nodes_[graph_->outputs[o]].y; }

ConstView Execution::output_mask(std::size_t o) const {
  const std::size_t mask = graph_->nodes[graph_->outputs[o]].mask;
  if (mask == FlatNode::none) return {};
  return {nodes_[mask].mask.data(), Shape{samples_, graph_->nodes[mask].shape[0]}};
}

View Execution::output_gradient(std::size_t o) { return nodes_[graph_->outputs[o]].dy; }

double Execution::activity_penalty() const {
  double penalty = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (const ActivityRegularizer* on_output = graph_->nodes[i].penalty)
      penalty += (*on_output)->value(nodes_[i].y.array()) / static_cast<double>(samples_);
  return penalty;
}

void Execution::update_states() {
  for (std::size_t i = 0; i < nodes_.size(); ++i)
    if (graph_->nodes[i].traits.updates_state)
      nodes_[i].layer->update({std::span<const Array>(nodes_[i].mutable_states),
                               std::span<const Array>(nodes_[i].caches)});
}

void Execution::add_activity_gradient(std::size_t i) {
  Bound& node = nodes_[i];
  if (const ActivityRegularizer* on_output = graph_->nodes[i].penalty)
    (*on_output)
        ->add_gradient(node.y.array(), Scalar{1} / static_cast<Scalar>(samples_), node.dy.array());
}

void Execution::clear_gradients() {
  for (Bound& node : nodes_)
    if (!node.backward.assign_gradients)
      for (const Array gradient : node.gradients)
        std::fill(gradient.begin(), gradient.end(), Scalar{0});
}

void Execution::backward() {
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

ConstView Execution::value(std::size_t node) const { return nodes_[node].y; }
ConstView Execution::gradient(std::size_t node) const { return nodes_[node].dy; }

}  // namespace cornu
