#include "cornu/training/callbacks/terminate_on_nan.hpp"

#include <cmath>

#include "cornu/core/log.hpp"

namespace cornu {

void TerminateOnNaN::on_train_begin(TrainingTarget&, const TrainingParams&) { message_.clear(); }

void TerminateOnNaN::on_epoch_begin(TrainingTarget&, std::size_t epoch) { epoch_ = epoch; }

void TerminateOnNaN::on_batch_end(TrainingTarget& target, std::size_t batch, std::size_t,
                                  const Scores& scores) {
  const double loss = scores["loss"];
  if (!std::isfinite(loss)) look(target, loss, "batch " + std::to_string(batch));
}

void TerminateOnNaN::on_epoch_end(TrainingTarget& target, std::size_t, const Scores& scores) {
  const double loss = scores.contains("val_loss") ? scores["val_loss"] : 0;
  if (!std::isfinite(loss)) look(target, loss, "validation");
}

void TerminateOnNaN::look(TrainingTarget& target, double loss, const std::string& where) {
  message_ = "epoch " + std::to_string(epoch_) + ", " + where + ": the loss is " +
             (std::isnan(loss) ? "NaN" : "infinite");
  if (const std::string first = target.first_nonfinite(); !first.empty())
    message_ += "; not finite first: " + first;
  log::error("training ended: " + message_);
  target.stop_training();
}

std::shared_ptr<TerminateOnNaN> terminate_on_nan() { return std::make_shared<TerminateOnNaN>(); }

}  // namespace cornu
