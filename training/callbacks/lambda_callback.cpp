#include "cornu/training/callbacks/lambda_callback.hpp"

namespace cornu {

void LambdaCallback::on_train_begin(TrainingTarget& target, const TrainingParams& params) {
  if (hooks_.on_train_begin) hooks_.on_train_begin(target, params);
}
void LambdaCallback::on_train_end(TrainingTarget& target) {
  if (hooks_.on_train_end) hooks_.on_train_end(target);
}
void LambdaCallback::on_epoch_begin(TrainingTarget& target, std::size_t epoch) {
  if (hooks_.on_epoch_begin) hooks_.on_epoch_begin(target, epoch);
}
void LambdaCallback::on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) {
  if (hooks_.on_epoch_end) hooks_.on_epoch_end(target, epoch, scores);
}
void LambdaCallback::on_batch_begin(TrainingTarget& target, std::size_t batch, std::size_t size) {
  if (hooks_.on_batch_begin) hooks_.on_batch_begin(target, batch, size);
}
void LambdaCallback::on_batch_end(TrainingTarget& target, std::size_t batch, std::size_t size,
                                  const Scores& scores) {
  if (hooks_.on_batch_end) hooks_.on_batch_end(target, batch, size, scores);
}

void LambdaCallback::on_state(TrainingTarget& target, const RunState& state) {
  if (hooks_.on_state) hooks_.on_state(target, state);
}

std::shared_ptr<LambdaCallback> lambda_callback(LambdaCallbackOptions options) {
  return std::make_shared<LambdaCallback>(std::move(options));
}

}  // namespace cornu
