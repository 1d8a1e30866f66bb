#pragma once

// Not a public header: what `fit` keeps with FitOptions::checkpoint.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/checkpoint_directory.hpp"
#include "cornu/models/saving/state_arrays.hpp"
#include "cornu/training/callbacks/monitor.hpp"
#include "cornu/training/fit.hpp"

namespace cornu {

/// The checkpoints of one run: model files checkpoint-<epoch>-<batch>.json in a directory, the last
/// few of them, and best.json. Their section `training` has one key more, `fit`: a FitState and
/// what must not change when the run is resumed.
class Checkpoints final : public Callback {
 public:
  /// Null when no directory is given. When the run is to be resumed and there is a checkpoint, the
  /// model is then as it was at that moment. Throws ConfigError for options that cannot be,
  /// FormatError when no checkpoint of the directory is whole or fits; the model is then unchanged.
  static std::shared_ptr<Checkpoints> of(Model& model, Model::Impl& impl, const FitOptions& options,
                                         std::size_t samples);

  /// Keeps the state of the run after an epoch, after every so many batches, and when it is
  /// interrupted.
  void on_state(TrainingTarget& target, const RunState& run) override;

  /// Where to go on, or null for the beginning.
  const FitState* from() const { return from_ ? &*from_ : nullptr; }
  /// The model's epochs when the run began.
  std::uint64_t epochs_before() const { return epochs_before_; }
  /// Whether a callback had ended the run.
  bool stopped() const { return stopped_; }

 private:
  Checkpoints(Model& model, Model::Impl& impl, const FitOptions& options, std::size_t samples);

  void resume();
  void load(const std::string& path);
  /// What a checkpoint holds, all of it read.
  struct Content {
    nlohmann::json training;
    std::vector<Tensor> weights, accumulators;
    detail::KeptArrays arrays;
  };
  /// Throws FormatError, IoError when it is damaged or of another model. Changes nothing.
  Content read_checkpoint(const std::string& path) const;
  /// Whether the callbacks take their states; they keep those that they have. Throws if not.
  void try_callbacks(const nlohmann::json& states,
                     const std::map<std::string, StateArrays>& arrays) const;
  /// The section `fit`; what of the metrics' states are arrays goes to `arrays`.
  nlohmann::json description(const FitState& state, bool ended, detail::KeptArrays& arrays) const;
  void read_description(const nlohmann::json& fit);

  Model& model_;
  Model::Impl& impl_;
  const FitOptions& options_;
  std::size_t samples_;
  detail::Monitor monitor_;
  detail::CheckpointDirectory directory_;
  std::optional<FitState> from_;
  std::uint64_t epochs_before_;
  bool stopped_ = false;
};

}  // namespace cornu
