#pragma once

// Not a public header: it pulls in all of nlohmann/json.

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cornu/models/model.hpp"

namespace cornu::detail {

/// {"class_name", "config"} as Keras 1.0.3's to_json writes it: a list of layers for Sequential,
/// the functional form with inbound_nodes for Model. Beside the config of a layer or model within,
/// where Keras looks at nothing, stand what its form has no place for: "trainable": false for a
/// frozen model, and "shared_with": [names from the outermost model inwards] for a layer or model
/// that was written before, within another model, and is the same one.
CORNU_API nlohmann::json model_to_json(const Model& model);

/// The model of such an object, which may have other keys beside these two. `path` is the object's
/// place in the file, "" for the whole of it. Layers may stand in any order. Throws FormatError
/// when the calls, models within models opened, are more than the limit.
CORNU_API std::unique_ptr<Model> model_from_json(const nlohmann::json& object,
                                                 const std::string& path,
                                                 const LoadOptions& options = {});

/// Throws IoError when the deadline of `options` has passed or it was cancelled.
CORNU_API void check_in_time(const LoadOptions& options, std::string_view place);

}  // namespace cornu::detail
