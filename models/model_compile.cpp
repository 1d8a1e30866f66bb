#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/saving_parts.hpp"

namespace cornu {
namespace {

/// One value for each output. `standard` is for outputs without a value, null when all need one.
template <class T>
std::vector<T> spread(const PerOutput<T>& values, const std::vector<DataSlot>& outputs,
                      const std::string& what, const T* standard) {
  if (values.empty() && standard != nullptr) return std::vector<T>(outputs.size(), *standard);
  if (values.single()) return std::vector<T>(outputs.size(), values.list()[0]);
  if (!values.by_name()) {
    if (values.list().size() != outputs.size())
      throw ConfigError("compile", "expected " + what + " for " + std::to_string(outputs.size()) +
                                       " outputs, got " + std::to_string(values.list().size()));
    return values.list();
  }
  const std::vector<std::string> known = names_of(outputs);
  for (const auto& [name, value] : values.map())
    if (std::find(known.begin(), known.end(), name) == known.end())
      detail::throw_unknown_name("compile", "output", name, known);
  std::vector<T> result;
  for (const std::string& name : known) {
    const auto found = values.map().find(name);
    if (found != values.map().end())
      result.push_back(found->second);
    else if (standard != nullptr)
      result.push_back(*standard);
    else
      throw ConfigError("compile", "no " + what + " for the output '" + name + "'",
                        "name every output");
  }
  return result;
}

std::vector<std::string> metrics_of(const MetricNames& metrics, const std::string& output) {
  std::vector<std::string> result = metrics.all();
  if (const auto found = metrics.by_output().find(output); found != metrics.by_output().end())
    result.insert(result.end(), found->second.begin(), found->second.end());
  return result;
}

}  // namespace

void Model::compile(const CompileOptions& options) {
  impl().require_idle("compile");
  const Impl& graph = ready();
  if (!options.optimizer.pointer())
    throw ConfigError("compile", "no optimizer given", "for example .optimizer = \"adam\"");
  if (options.loss.empty())
    throw ConfigError("compile", "no loss given",
                      "for example .loss = \"categorical_crossentropy\"");
  for (const MetricNames* metrics : {&options.metrics, &options.weighted_metrics})
    for (const auto& [name, names] : metrics->by_output()) {
      const std::vector<std::string> known = names_of(graph.output_slots);
      if (std::find(known.begin(), known.end(), name) == known.end())
        detail::throw_unknown_name("compile", "output", name, known);
    }
  const double one = 1;
  const std::string sample_wise;
  const auto losses = spread<std::string>(options.loss, graph.output_slots, "a loss", nullptr);
  const auto weights = spread<double>(options.loss_weights, graph.output_slots, "a weight", &one);
  const auto modes = spread<std::string>(options.sample_weight_mode, graph.output_slots,
                                         "a sample_weight_mode", &sample_wise);
  std::vector<OutputTraining> outputs;
  std::vector<bool> temporal;
  for (std::size_t o = 0; o < losses.size(); ++o) {
    const DataSlot& slot = graph.output_slots[o];
    if (!std::isfinite(weights[o]))
      throw ConfigError("compile", "expected a finite loss weight for '" + slot.name + "'");
    if (!modes[o].empty() && modes[o] != "temporal")
      throw ConfigError("compile",
                        "expected sample_weight_mode '' or 'temporal', got '" + modes[o] + "'");
    temporal.push_back(modes[o] == "temporal");
    if (temporal.back() && slot.shape.rank() < 2)
      throw ConfigError("compile", "temporal sample weights need an output (None, T, ...), got " +
                                       slot.shape.to_string_with_samples());
    outputs.push_back({slot.name, find_objective(losses[o]), weights[o],
                       metrics_of(options.metrics, slot.name),
                       metrics_of(options.weighted_metrics, slot.name)});
  }
  // An optimizer that trains another model, too, would count its steps together with that one's:
  // such a model gets a copy.
  OptimizerPtr optimizer = options.optimizer.pointer();
  const bool again = graph.trainer && graph.trainer->optimizer_pointer() == optimizer;
  if (!again && optimizer->taken()) {
    optimizer = optimizer_from_json(optimizer->to_json());
    optimizer->set_iterations(0);
  }
  // A graph of its own, because what is trainable may have changed since the last one.
  const auto flat = std::make_shared<FlatGraph>(*graph.container);
  flat->carried = graph.graph->carried;  // training and predicting go on from the same numbers
  auto trainer = std::make_unique<Trainer>(flat, optimizer, std::move(outputs), graph.seed);
  if (again) optimizer->set_iterations(0);  // the accumulators begin anew as well
  impl().batch_metrics.emplace(trainer->make_metrics());
  impl().compiled_flags = detail::trainable_flags(*this);
  impl().trainer = std::move(trainer);
  impl().temporal = std::move(temporal);
}

bool Model::compiled() const { return impl_->trainer != nullptr; }

}  // namespace cornu
