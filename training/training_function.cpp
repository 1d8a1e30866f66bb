#include "cornu/training/training_function.hpp"

#include <algorithm>

#include "cornu/kernels/elementwise/elementwise.hpp"

namespace cornu {

struct TrainingFunction::Output {
  OutputLoss loss;
  double weight;
  bool before_activation = false;
  /// The same node is an earlier output too: its gradient is made beside and added.
  bool again = false;
  AlignedArray beside;
};

namespace {

/// Whether an output's loss and its last activation can be differentiated together.
bool joins(const FlatGraph& graph, std::size_t output, const Objective& objective) {
  const std::size_t node = graph.outputs[output];
  const Layer& layer = *graph.nodes[node].layer;
  const ActivationName* activation = layer.output_activation();
  return activation != nullptr && objective.joins(activation->name()) && !graph.consumed(node) &&
         graph.nodes[node].penalty == nullptr &&
         std::count(graph.outputs.begin(), graph.outputs.end(), node) == 1;
}

ConstView weight_of(const Batch& batch, std::size_t output) {
  return output < batch.sample_weight.size() ? batch.sample_weight[output] : ConstView{};
}

}  // namespace

TrainingFunction::TrainingFunction(std::shared_ptr<const FlatGraph> graph,
                                   std::vector<OutputTraining> outputs, std::uint64_t seed,
                                   Sharing sharing)
    : graph_(std::move(graph)),
      settings_(std::move(outputs)),
      losses_(settings_.size()),
      parameters_(graph_->trained_layers()),
      gradients_(parameters_.size),
      input_pointers_(graph_->inputs.size()),
      seed_(seed),
      sharing_(sharing) {
  for (std::size_t o = 0; o < settings_.size(); ++o) {
    const OutputTraining& setting = settings_[o];
    const auto first = graph_->outputs.begin();
    const auto last = first + static_cast<std::ptrdiff_t>(o);
    auto output = std::make_unique<Output>(
        Output{OutputLoss(setting.objective), setting.weight, false, false, {}});
    output->before_activation = sharing == Sharing::shared && joins(*graph_, o, *setting.objective);
    output->again = std::find(first, last, graph_->outputs[o]) != last;
    uses_.push_back({output->before_activation});
    outputs_.push_back(std::move(output));
  }
  for (const FlatNode& node : graph_->nodes)
    for (const Variable& parameter : node.layer->variables()->parameters)
      if (parameter.regularizer &&
          std::find(penalized_.begin(), penalized_.end(), &parameter) == penalized_.end())
        penalized_.push_back(&parameter);
}

TrainingFunction::~TrainingFunction() = default;

void TrainingFunction::set_random_state(std::uint64_t seed, std::uint64_t steps) noexcept {
  seed_ = seed;
  steps_ = steps;
}

double TrainingFunction::loss_of(Execution& execution, const Batch& batch) {
  for (std::size_t i = 0; i < input_pointers_.size(); ++i) input_pointers_[i] = batch.x[i].data;
  execution.set_sizes(batch.x);
  execution.forward(input_pointers_, batch.samples, seed_, steps_);
  double total = 0;
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    Output& output = *outputs_[o];
    const ConstView p = execution.output(o);
    if (graph_->open)  // only now the output's sizes are known
      settings_[o].objective->check_shapes(batch.y[o].shape.without_samples(),
                                           p.shape.without_samples(), settings_[o].name);
    losses_[o] = output.loss.value(batch.y[o], p, execution.output_mask(o), weight_of(batch, o));
    total += output.weight * losses_[o];
  }
  return total;
}

double TrainingFunction::penalties() const {
  double penalty = training_->activity_penalty();
  for (const Variable* parameter : penalized_)
    penalty += parameter->regularizer->value(parameter->values);
  return penalty;
}

double TrainingFunction::training_loss(const Batch& batch) {
  if (!training_ || training_->capacity() < batch.samples)
    training_ = std::make_unique<Execution>(graph_, Phase::train, batch.samples, uses_,
                                            &parameters_, gradients_.array(), sharing_);
  return loss_of(*training_, batch) + penalties();
}

double TrainingFunction::testing_loss(const Batch& batch) {
  if (!testing_ || testing_->capacity() < batch.samples)
    testing_ = std::make_unique<Execution>(graph_, Phase::predict, batch.samples);
  return loss_of(*testing_, batch);
}

void TrainingFunction::backward(const Batch& batch) {
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    Output& output = *outputs_[o];
    const View dp = training_->output_gradient(o);
    if (!dp) continue;
    View to = dp;
    if (output.again) {
      if (output.beside.size() < dp.size()) output.beside = AlignedArray(dp.size());
      to.data = output.beside.data();
    }
    output.loss.gradient(batch.y[o], training_->output(o), output.weight, output.before_activation,
                         to);
    if (output.again) kernels::add(dp.data, to.data, dp.data, dp.size());
  }
  training_->backward();
  for (const TrainedParameters::Entry& entry : parameters_.entries)
    if (entry.variable->regularizer)
      entry.variable->regularizer->add_gradient(
          entry.variable->values, 1,
          gradients_.array().subspan(entry.offset, entry.variable->values.size()));
}

double TrainingFunction::loss_and_gradients(const Batch& batch) {
  const double loss = training_loss(batch);
  backward(batch);
  return loss;
}

std::vector<NodeTimes> TrainingFunction::profile(const Batch& batch, std::size_t repetitions) {
  std::vector<NodeTimes> times(graph_->nodes.size());
  loss_and_gradients(batch);
  training_->measure(&times);
  for (std::size_t i = 0; i < repetitions; ++i) loss_and_gradients(batch);
  training_->measure(nullptr);
  for (NodeTimes& node : times) {
    node.forward /= static_cast<double>(repetitions);
    node.backward /= static_cast<double>(repetitions);
  }
  return times;
}

std::string TrainingFunction::find_nonfinite(const Batch& batch) const {
  for (const FlatNode& node : graph_->nodes)
    for (const auto* kind :
         {&node.layer->variables()->parameters, &node.layer->variables()->states})
      for (const Variable& variable : *kind)
        if (!kernels::all_finite(variable.values.data(), variable.values.size()))
          return "the weight " + variable.name + " of " + node.layer->place();
  std::vector<const Scalar*> inputs;
  for (std::size_t i = 0; i < batch.x.size(); ++i) {
    if (!kernels::all_finite(batch.x[i].data, batch.x[i].size()))
      return "the input of " + graph_->nodes[graph_->inputs[i]].layer->place();
    inputs.push_back(batch.x[i].data);
  }
  Execution kept(graph_, Phase::train, batch.samples, {}, nullptr, {}, Sharing::kept);
  kept.set_sizes(batch.x);
  kept.forward(inputs, batch.samples, seed_, steps_);
  for (std::size_t i = 0; i < graph_->nodes.size(); ++i) {
    const ConstView value = kept.value(i);
    if (!kernels::all_finite(value.data, value.size()))
      return "the output of " + graph_->nodes[i].layer->place();
  }
  for (std::size_t o = 0; o < batch.y.size(); ++o)
    if (!kernels::all_finite(batch.y[o].data, batch.y[o].size()))
      return "the targets of " + settings_[o].name;
  return "";
}

}  // namespace cornu
