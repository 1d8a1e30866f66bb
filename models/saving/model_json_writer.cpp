#include <algorithm>

#include "cornu/models/saving/model_json.hpp"

namespace cornu {
namespace {

using nlohmann::json;

json container_config(const Container& container);

/// {"class_name", "config"} of a layer or of a container within. Keras 1 has no place for the name
/// of a chain, and passes over one beside its config.
json member_json(const Member& member) {
  if (member.layer)
    return {{"class_name", member.layer->class_name()}, {"config", member.layer->config()}};
  return {{"class_name", member.container->class_name()},
          {"name", member.name()},
          {"config", container_config(*member.container)}};
}

/// A container's nodes count from 1: its own inputs were its node 0.
std::size_t first_index(const Member& member) { return member.container ? 1 : 0; }

json reference(const Container& container, const Node& node) {
  const Call& call = node.call();
  const Member member{call.layer, std::const_pointer_cast<Container>(call.container)};
  const std::vector<const Call*> calls = container.calls_of(member);
  const auto at = std::find(calls.begin(), calls.end(), &call) - calls.begin();
  return {node.name(), static_cast<std::size_t>(at) + first_index(member), node.output()};
}

json references(const Container& container, const std::vector<Node>& nodes) {
  json result = json::array();
  for (const Node& node : nodes) result.push_back(reference(container, node));
  return result;
}

json sequential_config(const Container& container) {
  json layers = json::array();
  for (const auto& call : container.calls()) {
    if (call->is_input()) continue;
    layers.push_back(
        member_json({call->layer, std::const_pointer_cast<Container>(call->container)}));
  }
  // Keras gives the shape of the input to the first layer that has a config of its own.
  const Layer& input = *container.inputs()[0].call().layer;
  json& first = layers[0];
  if (first["config"].is_object() && !first["config"].contains("batch_input_shape") &&
      !first["config"].contains("layers")) {
    first["config"]["batch_input_shape"] = input.config()["batch_input_shape"];
    first["config"]["input_dtype"] = input.config()["input_dtype"];
  }
  return layers;
}

json functional_config(const Container& container) {
  json layers = json::array();
  for (const Member& member : container.members()) {
    json entry = member_json(member);
    entry["name"] = member.name();
    entry["inbound_nodes"] = json::array();
    for (const Call* call : container.calls_of(member))
      if (!call->inputs.empty())
        entry["inbound_nodes"].push_back(references(container, call->inputs));
    layers.push_back(std::move(entry));
  }
  return {{"name", container.name()},
          {"layers", std::move(layers)},
          {"input_layers", references(container, container.inputs())},
          {"output_layers", references(container, container.outputs())}};
}

json container_config(const Container& container) {
  return container.class_name() == "Sequential" ? sequential_config(container)
                                                : functional_config(container);
}

}  // namespace

namespace detail {

json model_to_json(const Model& model) {
  return {{"class_name", model.class_name()}, {"config", container_config(*model.container())}};
}

}  // namespace detail

std::string Model::to_json() const { return detail::model_to_json(*this).dump(); }

}  // namespace cornu
