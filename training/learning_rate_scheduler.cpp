#include "cornu/training/learning_rate_scheduler.hpp"

#include "cornu/core/error.hpp"
#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

LearningRateScheduler::LearningRateScheduler(std::function<double(std::size_t)> schedule)
    : schedule_(std::move(schedule)) {
  if (!schedule_) throw ConfigError("LearningRateScheduler", "expected a function, got none");
}

LearningRateScheduler::LearningRateScheduler(Schedule schedule, double lr)
    : LearningRateScheduler([schedule = std::move(schedule), lr](std::size_t epoch) {
        return lr * schedule.factor(static_cast<double>(epoch));
      }) {}

void LearningRateScheduler::on_epoch_begin(TrainingTarget& target, std::size_t epoch) {
  target.optimizer().set_lr(schedule_(epoch));
}

std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    std::function<double(std::size_t)> schedule) {
  return std::make_shared<LearningRateScheduler>(std::move(schedule));
}

std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(Schedule schedule, double lr) {
  return std::make_shared<LearningRateScheduler>(std::move(schedule), lr);
}

}  // namespace cornu
