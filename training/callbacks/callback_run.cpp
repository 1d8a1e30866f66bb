#include "cornu/training/callbacks/callback_run.hpp"

#include <mutex>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"

namespace cornu::detail {
namespace {

/// The callbacks that are in a run. Never destroyed: a run may be the last thing of a process.
struct Taken {
  std::mutex mutex;
  std::set<const Callback*> callbacks;
};
Taken& taken() {
  static Taken& all = *new Taken;
  return all;
}

void log_of_end(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& what) {
    log::error(std::string("on_train_end failed as well: ") + what.what());
  } catch (...) {
    log::error("on_train_end failed as well");
  }
}

}  // namespace

CallbackRun::CallbackRun(const std::vector<CallbackPtr>& callbacks) : callbacks_(callbacks) {
  for (const CallbackPtr& callback : callbacks_)
    if (!callback) throw ConfigError("fit", "one of the callbacks is null");
  const std::scoped_lock lock(taken().mutex);
  try {
    for (; taken_ < callbacks_.size(); ++taken_) {
      const Callback& callback = *callbacks_[taken_];
      if (callback.stateless() || taken().callbacks.insert(&callback).second) continue;
      const std::string key = callback.key();
      throw ConfigError("fit",
                        "a callback" + (key.empty() ? "" : " (" + key + ")") +
                            " is in a run already, or is given twice",
                        "make one for each run that goes on at the same time");
    }
  } catch (...) {
    for (std::size_t i = 0; i < taken_; ++i) taken().callbacks.erase(callbacks_[i].get());
    throw;
  }
}

CallbackRun::~CallbackRun() {
  const std::scoped_lock lock(taken().mutex);
  for (const CallbackPtr& callback : callbacks_) taken().callbacks.erase(callback.get());
}

void CallbackRun::begin(TrainingTarget& target, const TrainingParams& params) {
  for (; begun_ < callbacks_.size(); ++begun_) callbacks_[begun_]->on_train_begin(target, params);
}

std::exception_ptr CallbackRun::end(TrainingTarget& target, std::exception_ptr error) noexcept {
  for (std::size_t i = 0; i < begun_; ++i) try {
      callbacks_[i]->on_train_end(target);
    } catch (...) {
      if (error)
        log_of_end(std::current_exception());
      else
        error = std::current_exception();
    }
  begun_ = 0;
  return error;
}

}  // namespace cornu::detail
