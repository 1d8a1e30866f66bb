#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/callbacks/monitor.hpp"

namespace cornu {

struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  std::size_t patience = 0;
  int verbose = 0;
  std::string mode = "auto";
  double min_delta = 0;
  bool restore_best_weights = false;
  void describe(Fields& fields);
};

/// Ends the run when a score has stopped improving: at the (patience + 1)-th epoch in a row without
/// improvement, as Keras 1 does. With restore_best_weights the model has, when the run ends however
/// it ends, the weights of its best epoch.
class CORNU_API EarlyStopping final : public Callback {
 public:
  using Options = EarlyStoppingOptions;

  /// Throws ConfigError when an option is out of range.
  explicit EarlyStopping(EarlyStoppingOptions options = {});

  /// Throws ConfigError when the run has no such score.
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  void on_train_end(TrainingTarget& target) override;
  std::string key() const override { return "EarlyStopping " + options_.monitor; }
  nlohmann::json state() const override;
  void set_state(const nlohmann::json& state) override;
  StateArrays state_arrays() const override;
  void set_state_arrays(const StateArrays& arrays) override;

  /// Whether it ended the last run, and the epoch with the best score (counted from 0).
  bool stopped() const noexcept { return stopped_; }
  std::size_t best_epoch() const noexcept { return best_epoch_; }

 private:
  EarlyStoppingOptions options_;
  detail::Monitor monitor_;
  std::size_t wait_ = 0, best_epoch_ = 0;
  bool stopped_ = false;
  std::vector<Tensor> best_weights_;
};

CORNU_API std::shared_ptr<EarlyStopping> early_stopping(EarlyStoppingOptions options = {});

}  // namespace cornu
