#include "cornu/inspection/trace.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "cornu/core/registry.hpp"

namespace cornu {
namespace {

using Offsets = std::unordered_map<const Variable*, std::size_t>;

std::vector<Trace::Parameter> parameters_of(const Layer& layer, const Offsets& offsets,
                                            ConstArray gradients) {
  std::vector<Trace::Parameter> parameters;
  for (const Variable& variable : layer.variables()->parameters) {
    Trace::Parameter parameter{variable.name, Tensor(variable.shape, variable.values), {}};
    if (const auto found = offsets.find(&variable); found != offsets.end())
      parameter.gradient =
          Tensor(variable.shape, gradients.subspan(found->second, variable.shape.size()));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace

Trace trace(const Model& model, const Data& x, const Data& y, const Data& sample_weight) {
  const Batch batch = model.batch(x, y, sample_weight, "trace");
  const std::unique_ptr<TrainingFunction> function = model.trainer().function(Sharing::kept);
  Trace trace{.loss = function->loss_and_gradients(batch), .samples = batch.samples, .nodes = {}};
  const Execution& run = *function->training_run();
  const FlatGraph& graph = run.graph();
  Offsets offsets;
  for (const TrainedParameters::Entry& entry : function->parameters().entries)
    offsets[entry.variable] = entry.offset;
  const std::unordered_set<std::size_t> outputs(graph.outputs.begin(), graph.outputs.end());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const FlatNode& node = graph.nodes[i];
    const ConstView gradient = run.gradient(i);
    trace.nodes.push_back(
        {.layer = node.layer->name(),
         .class_name = node.layer->class_name(),
         .inputs = node.inputs,
         .is_output = outputs.contains(i),
         .output = Tensor(run.value(i)),
         .gradient = gradient ? Tensor(gradient) : Tensor(),
         .parameters = parameters_of(*node.layer, offsets, function->gradients())});
  }
  return trace;
}

Trace Model::trace(const Data& x, const Data& y, const Data& sample_weight) const {
  return cornu::trace(*this, x, y, sample_weight);
}

const Trace::Node& Trace::operator[](const std::string& layer) const {
  std::vector<std::string> known;
  for (const Node& node : nodes) {
    if (node.layer == layer) return node;
    known.push_back(node.layer);
  }
  detail::throw_unknown_name("trace", "layer", layer, known);
}

}  // namespace cornu
