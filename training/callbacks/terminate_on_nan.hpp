#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu {

/// Ends the run, without an exception, at the first batch whose loss is not finite, or after the
/// first epoch whose validation loss is not, and says where that began. The step of such a batch is
/// not made, so the model keeps its last good weights.
class CORNU_API TerminateOnNaN final : public Callback {
 public:
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  void on_epoch_begin(TrainingTarget& target, std::size_t epoch) override;
  void on_batch_end(TrainingTarget& target, std::size_t batch, std::size_t size,
                    const Scores& scores) override;
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;

  /// "epoch 3, batch 17: the loss is nan; not finite first: the output of dense_2 (Dense)", or "".
  const std::string& message() const noexcept { return message_; }

 private:
  void look(TrainingTarget& target, double loss, const std::string& where);

  std::size_t epoch_ = 0;
  std::string message_;
};

CORNU_API std::shared_ptr<TerminateOnNaN> terminate_on_nan();

}  // namespace cornu
