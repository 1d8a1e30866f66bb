#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "cornu/optimizers/schedule.hpp"
#include "cornu/training/callback.hpp"

namespace cornu {

/// Sets the optimizer's learning rate at the beginning of each epoch. (For a course by steps
/// instead of epochs give the optimizer a `schedule`.)
class CORNU_API LearningRateScheduler final : public Callback {
 public:
  /// lr = schedule(epoch), the epoch counted from 0.
  explicit LearningRateScheduler(std::function<double(std::size_t epoch)> schedule);
  /// lr times the schedule's factor, time counted in epochs.
  LearningRateScheduler(Schedule schedule, double lr);

  /// Throws ConfigError when the schedule answers a rate that is negative or not finite.
  void on_epoch_begin(TrainingTarget& target, std::size_t epoch) override;

 private:
  std::function<double(std::size_t)> schedule_;
};

CORNU_API std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(
    std::function<double(std::size_t epoch)> schedule);
CORNU_API std::shared_ptr<LearningRateScheduler> learning_rate_scheduler(Schedule schedule,
                                                                         double lr);

}  // namespace cornu
