#include "cornu/layers/layer_class.hpp"

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/layers/builtins.hpp"

namespace cornu {
namespace {

Registry<LayerClass>& layer_registry() {
  static auto& classes = *new Registry<LayerClass>("layer", detail::builtin_layers());
  return classes;
}

}  // namespace

void register_layer(const std::string& class_name, LayerClass layer_class) {
  if (!layer_class.make)
    throw ConfigError("register_layer",
                      "expected a function that makes a '" + class_name + "', got none");
  layer_registry().add(class_name, std::move(layer_class));
}

LayerClass find_layer_class(std::string_view class_name, std::string_view place) {
  return layer_registry().find(class_name, place);
}

std::vector<std::string> layer_class_names() { return layer_registry().names(); }

LayerPtr layer_from_json(std::string_view class_name, const nlohmann::json& config,
                         const std::string& path) {
  const LayerClass layer_class = find_layer_class(class_name, path);
  // First the whole config is read, so that its faults are told as what they are, by their paths;
  // the layer's own constructor would only see options left at their defaults.
  if (layer_class.describe) detail::read_fields(layer_class.describe, config, path);
  LayerPtr layer;
  detail::read_fields([&](Fields& reader) { layer = layer_class.make(reader); }, config, path);
  return layer;
}

}  // namespace cornu
