#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/described_class.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

/// What is known of a layer class by its name.
struct LayerClass : DescribedClass<Layer> {
  std::function<std::vector<LayerExample>()> examples;
};

/// Makes the table entry of a layer class `L` with `L::Options`, a constructor that takes them, and
/// `static std::vector<LayerExample> L::examples()`.
template <class L>
LayerClass layer_class() {
  return {described_class<L, Layer>(), &L::examples};
}

/// Makes a layer class known to files and to `model_from_json`. Throws ConfigError when taken.
CORNU_API void register_layer(const std::string& class_name, LayerClass layer_class);
template <class L>
void register_layer(const std::string& class_name) {
  register_layer(class_name, layer_class<L>());
}
/// The class of that name. Throws ConfigError, asked for at `place`, with the nearest known name.
CORNU_API LayerClass find_layer_class(std::string_view class_name, std::string_view place);
CORNU_API std::vector<std::string> layer_class_names();
/// A layer from its class name and config object; `path` is its place in the file.
CORNU_API LayerPtr layer_from_json(std::string_view class_name, const nlohmann::json& config,
                                   const std::string& path);

}  // namespace cornu
