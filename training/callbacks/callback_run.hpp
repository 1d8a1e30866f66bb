#pragma once

// Not a public header.

#include <exception>
#include <vector>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu::detail {

/// The callbacks of one run. Whatever ends it, each one whose `on_train_begin` returned gets its
/// `on_train_end`, once.
class CallbackRun {
 public:
  /// Borrows the callbacks. Throws ConfigError when one is null, given twice, or in another run.
  explicit CallbackRun(const std::vector<CallbackPtr>& callbacks);
  ~CallbackRun();
  CallbackRun(const CallbackRun&) = delete;
  CallbackRun& operator=(const CallbackRun&) = delete;

  void begin(TrainingTarget& target, const TrainingParams& params);
  template <class Hook>
  void each(Hook hook) const {
    for (const CallbackPtr& callback : callbacks_) hook(*callback);
  }
  /// Ends those that have begun. Answers what the run then throws: `error`, which has ended it, or
  /// the first exception of the ends; the others go to the log.
  std::exception_ptr end(TrainingTarget& target, std::exception_ptr error) noexcept;

 private:
  const std::vector<CallbackPtr>& callbacks_;
  std::size_t begun_ = 0, taken_ = 0;
};

}  // namespace cornu::detail
