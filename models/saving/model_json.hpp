#pragma once

// Not a public header: it pulls in all of nlohmann/json.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cornu/models/model.hpp"

namespace cornu::detail {

/// {"class_name", "config"} as Keras 1.0.3's to_json writes it: a list of layers for Sequential,
/// the functional form with inbound_nodes for Model.
CORNU_API nlohmann::json model_to_json(const Model& model);

/// The model of such an object, which may have other keys beside these two. `path` is the object's
/// place in the file, "" for the whole of it. Layers may stand in any order.
CORNU_API std::unique_ptr<Model> model_from_json(const nlohmann::json& object,
                                                 const std::string& path);

}  // namespace cornu::detail
