#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "cornu/optimizers/schedule.hpp"
#include "cornu/training/callbacks/callback.hpp"

namespace cornu {

struct LearningRateSchedulerOptions {
  Schedule schedule = {};
  double lr = 0.01;
  void describe(Fields& fields);
};

/// Sets the optimizer's learning rate at the beginning of each epoch: `lr` times the schedule's
/// factor, time counted in epochs, or what a function says. (For a course by steps instead of
/// epochs give the optimizer a `schedule`.)
class CORNU_API LearningRateScheduler final : public Callback {
 public:
  using Options = LearningRateSchedulerOptions;

  /// Throws ConfigError when an option is out of range.
  explicit LearningRateScheduler(LearningRateSchedulerOptions options);
  /// lr = schedule(epoch), the epoch counted from 0. Throws ConfigError without a function.
  explicit LearningRateScheduler(std::function<double(std::size_t epoch)> schedule);

  /// Throws ConfigError when the schedule answers a rate that is negative or not finite.
  void on_epoch_begin(TrainingTarget& target, std::size_t epoch) override;

 private:
  std::function<double(std::size_t)> schedule_;
};

CORNU_API std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    std::function<double(std::size_t epoch)> schedule);
CORNU_API std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    LearningRateSchedulerOptions options);

}  // namespace cornu
