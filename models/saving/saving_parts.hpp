#pragma once

// Not a public header: what files of models and checkpoints of runs share.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/model_file.hpp"
#include "cornu/models/saving/state_arrays.hpp"

namespace cornu::detail {

/// Every stored array of a model, by names of which no two are the same.
std::vector<NamedTarget> variables_of(const Model& model);
/// The optimizer's accumulators: "dense_1_W/m" is slot m of the parameter dense_1_W.
std::vector<NamedTarget> accumulators_of(const Model& model, Trainer& trainer);
/// The section `training` of a file, but for the accumulators.
nlohmann::json training_json(const Model& model, const Model::Impl& impl);
/// Compiles a model as that section says. Answers the places for the arrays of callbacks' states.
/// Throws FormatError when the section is malformed or its metrics would take more than `memory`.
KeptArrays compile_from(Model& model, const nlohmann::json& training, std::size_t most_elements,
                        std::uint64_t memory);

/// Which of the model as a whole, its layers and the models within are trainable, in an order that
/// only depends on what the model is.
std::vector<bool> trainable_flags(const Model& model);
void set_trainable_flags(Model& model, const std::vector<bool>& flags);
/// Throws ConfigError when a file of the model could not be read back: a layer's class is not
/// registered, or there are more calls of layers than LoadLimits::calls.
void check_savable(const Model& model);
/// The multiplications, roughly, of one sample's forward.
double sample_operations(const FlatGraph& graph);

/// What a run of `fit` adds to a model file when it is a checkpoint.
struct RunContent {
  const nlohmann::json& fit;  ///< becomes training's "fit"
  const KeptArrays& arrays;   ///< beside those of the callbacks
};
/// Writes a model file; `run` is null unless it is a checkpoint.
void save_model(const Model& model, const Model::Impl& impl, const std::string& path,
                const SaveOptions& options, const RunContent* run);

}  // namespace cornu::detail
