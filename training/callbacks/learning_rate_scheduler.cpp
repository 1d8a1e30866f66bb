#include "cornu/training/callbacks/learning_rate_scheduler.hpp"

#include "cornu/core/error.hpp"
#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

void LearningRateSchedulerOptions::describe(Fields& fields) {
  fields.field("schedule", schedule, "the factor on lr by the epoch");
  fields.field("lr", lr, Range::at_least(0), "the base learning rate");
}

LearningRateScheduler::LearningRateScheduler(std::function<double(std::size_t)> schedule)
    : schedule_(std::move(schedule)) {
  if (!schedule_) throw ConfigError("LearningRateScheduler", "expected a function, got none");
}

LearningRateScheduler::LearningRateScheduler(LearningRateSchedulerOptions options) {
  check_fields([&](Fields& fields) { options.describe(fields); }, "LearningRateScheduler");
  schedule_ = [options = std::move(options)](std::size_t epoch) {
    return options.lr * options.schedule.factor(static_cast<double>(epoch));
  };
}

void LearningRateScheduler::on_epoch_begin(TrainingTarget& target, std::size_t epoch) {
  target.optimizer().set_lr(schedule_(epoch));
}

std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    std::function<double(std::size_t)> schedule) {
  return std::make_shared<LearningRateScheduler>(std::move(schedule));
}

std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    LearningRateSchedulerOptions options) {
  return std::make_shared<LearningRateScheduler>(std::move(options));
}

}  // namespace cornu
