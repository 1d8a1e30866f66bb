#include "cornu/training/callbacks/interrupt.hpp"

#include <signal.h>

#include <atomic>
#include <mutex>

#include "cornu/core/log.hpp"

namespace cornu {
namespace {

static_assert(std::atomic<unsigned>::is_always_lock_free);

// What the handler touches: lock-free counters, and the old action, which is written only while
// the handler is not installed.
std::atomic<unsigned> signals{0};
struct sigaction old_action {};

void on_interrupt(int) {
  signals.fetch_add(1, std::memory_order_relaxed);
  sigaction(SIGINT, &old_action, nullptr);  // the next one is the user's again
}

std::mutex mutex;
int guards = 0;

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == on_interrupt;
}

}  // namespace

InterruptGuard::InterruptGuard() {
  const std::scoped_lock lock(mutex);
  struct sigaction present {};
  sigaction(SIGINT, nullptr, &present);
  if (!is_ours(present)) {  // the first guard, or a signal came meanwhile
    old_action = present;
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;  // reads and writes of the user's go on
    sigaction(SIGINT, &action, nullptr);
  }
  ++guards;
  seen_ = signals.load(std::memory_order_relaxed);
}

InterruptGuard::~InterruptGuard() {
  const std::scoped_lock lock(mutex);
  if (--guards > 0) return;
  struct sigaction present {};
  sigaction(SIGINT, nullptr, &present);
  // A handler that the user set meanwhile stays.
  if (is_ours(present)) sigaction(SIGINT, &old_action, nullptr);
}

bool InterruptGuard::interrupted() const noexcept {
  return signals.load(std::memory_order_relaxed) != seen_;
}

void StopOnInterrupt::on_train_begin(TrainingTarget&, const TrainingParams&) {
  stopped_ = false;
  guard_ = std::make_unique<InterruptGuard>();
}

void StopOnInterrupt::on_train_end(TrainingTarget&) { guard_.reset(); }

void StopOnInterrupt::on_state(TrainingTarget& target, const RunState&) {
  if (stopped_ || !guard_->interrupted()) return;
  stopped_ = true;
  log::warning("interrupted: training ends after this batch; press again to kill");
  target.stop_training();
}

std::shared_ptr<StopOnInterrupt> stop_on_interrupt() { return std::make_shared<StopOnInterrupt>(); }

}  // namespace cornu
