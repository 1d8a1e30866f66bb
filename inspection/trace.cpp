#include "cornu/inspection/trace.hpp"

#include <algorithm>

#include "cornu/core/registry.hpp"

namespace cornu {
namespace {

std::vector<Trace::Parameter> parameters_of(const Layer& layer, const Trainer& trainer) {
  std::vector<Trace::Parameter> parameters;
  for (const Variable& variable : layer.variables()->parameters) {
    Trace::Parameter parameter{variable.name, Tensor(variable.shape, variable.values), {}};
    for (const TrainedParameters::Entry& entry : trainer.parameters().entries)
      if (entry.variable == &variable)
        parameter.gradient = Tensor(
            variable.shape, trainer.gradients().subspan(entry.offset, variable.shape.size()));
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace

Trace trace(const Model& model, const Data& x, const Data& y, const Data& sample_weight) {
  const Batch batch = model.batch(x, y, sample_weight, "trace");
  const std::unique_ptr<Trainer> trainer = model.trainer().twin(Sharing::kept);
  Trace trace{.loss = trainer->loss_and_gradients(batch), .samples = batch.samples, .nodes = {}};
  const Execution& run = *trainer->training_run();
  const FlatGraph& graph = run.graph();
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const FlatNode& node = graph.nodes[i];
    const ConstView gradient = run.gradient(i);
    trace.nodes.push_back({.layer = node.layer->name(),
                           .class_name = node.layer->class_name(),
                           .inputs = node.inputs,
                           .is_output = std::find(graph.outputs.begin(), graph.outputs.end(), i) !=
                                        graph.outputs.end(),
                           .output = Tensor(run.value(i)),
                           .gradient = gradient ? Tensor(gradient) : Tensor(),
                           .parameters = parameters_of(*node.layer, *trainer)});
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
