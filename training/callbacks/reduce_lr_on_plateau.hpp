#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cornu/core/fields.hpp"
#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/callbacks/monitor.hpp"

namespace cornu {

struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;
  std::size_t patience = 10;
  int verbose = 0;
  std::string mode = "auto";
  double epsilon = 1e-4;
  std::size_t cooldown = 0;
  double min_lr = 0;
  void describe(Fields& fields);
};

/// Multiplies the learning rate by `factor` at the (patience + 1)-th epoch in a row in which a
/// score has not improved by more than `epsilon`, that epoch being the first of the next row; then
/// the `cooldown` epochs after it count less (Keras 1.1.1, which has it first).
class CORNU_API ReduceLROnPlateau final : public Callback {
 public:
  using Options = ReduceLROnPlateauOptions;

  /// Throws ConfigError when an option is out of range.
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});

  /// Throws ConfigError when the run has no such score.
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  std::string key() const override { return "ReduceLROnPlateau " + options_.monitor; }
  nlohmann::json state() const override;
  void set_state(const nlohmann::json& state) override;

 private:
  ReduceLROnPlateauOptions options_;
  detail::Monitor monitor_;
  std::size_t wait_ = 0, cooldown_ = 0;
};

CORNU_API std::shared_ptr<ReduceLROnPlateau> reduce_lr_on_plateau(
    ReduceLROnPlateauOptions options = {});

}  // namespace cornu
