#include <algorithm>
#include <unordered_map>

#include "cornu/core/error.hpp"
#include "cornu/models/saving/model_json.hpp"

namespace cornu {
namespace {

using nlohmann::json;

/// What identifies a member: a layer or a container.
const void* identity(const LayerPtr& layer, const Container* container) {
  return layer ? static_cast<const void*>(layer.get()) : container;
}
const void* identity(const Call& call) { return identity(call.layer, call.container.get()); }

/// Where a call stands among those of its layer.
using CallNumbers = std::unordered_map<const Call*, std::size_t>;

class ModelJsonWriter {
 public:
  json config(const Container& container) {
    return container.class_name() == "Sequential" ? sequential_config(container)
                                                  : functional_config(container);
  }

 private:
  /// What was written for a layer or a container the first time.
  struct Written {
    std::vector<std::string> path;
    json config;              ///< of a container; it is written again as it was
    std::size_t members = 0;  ///< in it
  };

  /// {"class_name", "config"} of a layer or of a container within. Keras 1 has no place for the
  /// name of a chain, and passes over one beside its config.
  json member_json(const LayerPtr& layer, const Container* container) {
    const std::string& name = layer ? layer->name() : container->name();
    count(name, 1);
    path_.push_back(name);
    const auto found = written_.find(identity(layer, container));
    const Written* const before = found == written_.end() ? nullptr : &found->second;
    json result;
    if (layer) {
      result = {{"class_name", layer->class_name()}, {"config", layer->config()}};
    } else {
      const std::size_t members_before = members_;
      if (before != nullptr) count(name, before->members);
      result = {{"class_name", container->class_name()},
                {"name", name},
                {"config", before != nullptr ? before->config : config(*container)}};
      if (!container->trainable()) result["trainable"] = false;
      if (before == nullptr)
        written_.emplace(container, Written{path_, result["config"], members_ - members_before});
    }
    if (layer && before == nullptr) written_.emplace(layer.get(), Written{path_, {}, 0});
    // Within one chain a name means one layer; of a model, or between models, it must be said.
    const bool shared = before != nullptr && (container != nullptr || before->path != path_);
    if (shared && result["class_name"] != "InputLayer") result["shared_with"] = before->path;
    path_.pop_back();
    return result;
  }

  void count(const std::string& name, std::size_t members) {
    members_ += members;
    if (members_ > most_members)
      throw ConfigError(name,
                        "models within models share so much that their description has more "
                        "than " +
                            std::to_string(most_members) + " layers",
                        "share a layer or model on one level");
  }

  /// A container's nodes count from 1: its own inputs were its node 0.
  static json reference(const CallNumbers& numbers, const Node& node) {
    const Call& call = node.call();
    return {node.name(), numbers.at(&call) + (call.container ? 1 : 0), node.output()};
  }

  static json references(const CallNumbers& numbers, const std::vector<Node>& nodes) {
    json result = json::array();
    for (const Node& node : nodes) result.push_back(reference(numbers, node));
    return result;
  }

  json sequential_config(const Container& container) {
    json layers = json::array();
    for (const auto& call : container.calls())
      if (!call->is_input()) layers.push_back(member_json(call->layer, call->container.get()));
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
    CallNumbers numbers;
    std::unordered_map<const void*, std::vector<const Call*>> calls;
    for (const auto& call : container.calls()) {
      std::vector<const Call*>& of_member = calls[identity(*call)];
      numbers[call.get()] = of_member.size();
      of_member.push_back(call.get());
    }
    json layers = json::array();
    for (const Member& member : container.members()) {
      json entry = member_json(member.layer, member.container.get());
      entry["name"] = member.name();
      json nodes = json::array();
      for (const Call* call : calls[identity(member.layer, member.container.get())])
        if (!call->inputs.empty()) nodes.push_back(references(numbers, call->inputs));
      entry["inbound_nodes"] = std::move(nodes);
      layers.push_back(std::move(entry));
    }
    return {{"name", container.name()},
            {"layers", std::move(layers)},
            {"input_layers", references(numbers, container.inputs())},
            {"output_layers", references(numbers, container.outputs())}};
  }

  static constexpr std::size_t most_members = 1'000'000;

  std::vector<std::string> path_;  ///< the names from the outermost model inwards
  std::unordered_map<const void*, Written> written_;
  std::size_t members_ = 0;
};

}  // namespace

namespace detail {

json model_to_json(const Model& model) {
  return {{"class_name", model.class_name()},
          {"config", ModelJsonWriter().config(*model.container())}};
}

}  // namespace detail

std::string Model::to_json() const { return detail::model_to_json(*this).dump(); }

}  // namespace cornu
