#include "cornu/training/trainer.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"

namespace cornu {

struct Trainer::Output {
  OutputLoss loss;
  double weight;
  std::vector<MetricPtr> metrics;
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

Trainer::Trainer(std::shared_ptr<const FlatGraph> graph, OptimizerPtr optimizer,
                 std::vector<OutputTraining> outputs, std::uint64_t seed, Sharing sharing)
    : graph_(std::move(graph)),
      optimizer_(std::move(optimizer)),
      settings_(std::move(outputs)),
      parameters_(graph_->trained_layers()),
      gradients_(parameters_.size),
      input_pointers_(graph_->inputs.size()),
      seed_(seed),
      sharing_(sharing) {
  auto names = std::make_shared<std::vector<std::string>>();
  names->push_back("loss");
  const bool several = settings_.size() > 1;
  if (several)
    for (const OutputTraining& setting : settings_) names->push_back(setting.name + "_loss");
  for (std::size_t o = 0; o < settings_.size(); ++o) {
    const OutputTraining& setting = settings_[o];
    const std::size_t node = graph_->outputs[o];
    outputs_.push_back(std::make_unique<Output>(
        Output{OutputLoss(setting.objective), setting.weight, {}, false, false, {}}));
    Output& output = *outputs_.back();
    output.before_activation = sharing == Sharing::shared && joins(*graph_, o, *setting.objective);
    const auto first = graph_->outputs.begin();
    output.again = std::find(first, first + static_cast<std::ptrdiff_t>(o), node) !=
                   first + static_cast<std::ptrdiff_t>(o);
    uses_.push_back({output.before_activation});
    const MetricContext context{
        graph_->nodes[node].shape, std::string(setting.objective->name()), {}};
    for (const std::string& metric : setting.metrics) {
      output.metrics.push_back(make_metric(metric, context));
      const std::string label(output.metrics.back()->label());
      names->push_back(several ? setting.name + "_" + label : label);
    }
  }
  names_ = std::move(names);
  for (const FlatNode& node : graph_->nodes)
    for (const Variable& parameter : node.layer->variables()->parameters)
      if (parameter.regularizer &&
          std::find(penalized_.begin(), penalized_.end(), &parameter) == penalized_.end())
        penalized_.push_back(&parameter);
  for (std::size_t i = 0; i < optimizer_->slot_names().size(); ++i)
    slots_.emplace_back(parameters_.size);
  slot_pointers_.resize(slots_.size());
}

Trainer::~Trainer() = default;

std::unique_ptr<Trainer> Trainer::twin(Sharing sharing) const {
  std::vector<OutputTraining> outputs = settings_;
  for (OutputTraining& output : outputs) output.metrics.clear();
  auto twin =
      std::make_unique<Trainer>(graph_, make_optimizer("sgd"), std::move(outputs), seed_, sharing);
  twin->steps_ = steps_;
  return twin;
}

Execution& Trainer::training_execution(std::size_t samples) {
  if (!training_ || training_->capacity() < samples)
    training_ = std::make_unique<Execution>(graph_, Phase::train, samples, uses_, &parameters_,
                                            gradients_.array(), sharing_);
  return *training_;
}

Execution& Trainer::testing_execution(std::size_t samples) {
  if (!testing_ || testing_->capacity() < samples)
    testing_ = std::make_unique<Execution>(graph_, Phase::predict, samples);
  return *testing_;
}

std::size_t Trainer::arena_size() const { return training_ ? training_->plan().arena_size() : 0; }

void Trainer::set_random_state(std::uint64_t seed, std::uint64_t steps) {
  seed_ = seed;
  steps_ = steps;
}

void Trainer::reset_metrics() {
  for (const auto& output : outputs_)
    for (const MetricPtr& metric : output->metrics) metric->reset();
}

std::vector<MetricState> Trainer::metric_states() const {
  std::vector<MetricState> states;
  for (const auto& output : outputs_)
    for (const MetricPtr& metric : output->metrics)
      states.push_back({metric->state(), metric->state_arrays()});
  return states;
}

void Trainer::set_metric_states(const std::vector<MetricState>& states) {
  std::vector<Metric*> metrics;
  for (const auto& output : outputs_)
    for (const MetricPtr& metric : output->metrics) metrics.push_back(metric.get());
  if (states.size() != metrics.size())
    throw FormatError("metrics", "expected the states of " + std::to_string(metrics.size()) +
                                     " metrics, got " + std::to_string(states.size()));
  for (std::size_t i = 0; i < states.size(); ++i) {
    metrics[i]->set_state(states[i].numbers);
    metrics[i]->set_state_arrays(states[i].arrays);
  }
}

double Trainer::forward(Execution& execution, const Batch& batch, Scores& scores) {
  for (std::size_t i = 0; i < input_pointers_.size(); ++i) input_pointers_[i] = batch.x[i].data;
  execution.set_sizes(batch.x);
  execution.forward(input_pointers_, batch.samples, seed_, steps_);
  double total = 0;
  std::size_t next_metric = loss_count();
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    Output& output = *outputs_[o];
    const ConstView p = execution.output(o);
    if (graph_->open)  // only now the output's sizes are known
      settings_[o].objective->check_shapes(batch.y[o].shape.without_samples(),
                                           p.shape.without_samples(), settings_[o].name);
    const double loss =
        output.loss.value(batch.y[o], p, execution.output_mask(o), weight_of(batch, o));
    total += output.weight * loss;
    if (outputs_.size() > 1) scores.set(o + 1, loss);
    for (const MetricPtr& metric : output.metrics) {
      metric->update(batch.y[o], p);
      scores.set(next_metric++, metric->value());
    }
  }
  return total;
}

double Trainer::penalties(const Execution& execution) const {
  double penalty = execution.activity_penalty();
  for (const Variable* parameter : penalized_)
    penalty += parameter->regularizer->value(parameter->values);
  return penalty;
}

void Trainer::backward(const Batch& batch) {
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

void Trainer::apply_step() {
  if (optimizer_->clipnorm() > 0 || optimizer_->clipvalue() > 0)
    clip_gradients(gradients_.array(), optimizer_->clipnorm(), optimizer_->clipvalue());
  for (const TrainedParameters::Segment& segment : parameters_.segments) {
    for (std::size_t s = 0; s < slots_.size(); ++s)
      slot_pointers_[s] = slots_[s].data() + segment.offset;
    optimizer_->update({segment.values,
                        gradients_.array().subspan(segment.offset, segment.values.size()),
                        slot_pointers_, optimizer_->iterations(), optimizer_->scheduled_lr()});
  }
  optimizer_->set_iterations(optimizer_->iterations() + 1);
  for (const TrainedParameters::Entry& entry : parameters_.entries)
    if (entry.variable->constraint)
      entry.variable->constraint->apply({entry.variable->values.data(), entry.variable->shape});
}

Scores Trainer::train(const Batch& batch) {
  Scores scores(names_);
  Execution& execution = training_execution(batch.samples);
  scores.set(0, forward(execution, batch, scores) + penalties(execution));
  if (!std::isfinite(scores.value(0))) {
    last_nonfinite_ = find_nonfinite(batch);
    return scores;
  }
  execution.update_states();
  backward(batch);
  apply_step();
  ++steps_;
  return scores;
}

Scores Trainer::test(const Batch& batch) {
  Scores scores(names_);
  scores.set(0, forward(testing_execution(batch.samples), batch, scores));
  return scores;
}

double Trainer::training_loss(const Batch& batch) {
  Scores scores(names_);
  Execution& execution = training_execution(batch.samples);
  return forward(execution, batch, scores) + penalties(execution);
}

double Trainer::loss_and_gradients(const Batch& batch) {
  const double loss = training_loss(batch);
  backward(batch);
  return loss;
}

std::vector<NodeTimes> Trainer::profile(const Batch& batch, std::size_t repetitions) {
  std::vector<NodeTimes> times(graph_->nodes.size());
  loss_and_gradients(batch);
  training_->measure(&times);
  for (std::size_t i = 0; i < repetitions; ++i) loss_and_gradients(batch);
  training_->measure(nullptr);
  for (NodeTimes& node : times) {
    node.forward /= static_cast<double>(repetitions);
    node.backward /= static_cast<double>(repetitions);
  }
  reset_metrics();
  return times;
}

std::string Trainer::find_nonfinite(const Batch& batch) const {
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
