#pragma once

#include <cstddef>
#include <memory>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu {

/// While one lives, the first Ctrl-C (SIGINT) does not end the process but makes `interrupted()`
/// true; the second one does what it would have done before. The last guard to go restores the
/// handler that was there. Guards may live in several threads; each sees the signals since it was
/// made. Everything is safe to call from any thread.
class CORNU_API InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const noexcept;

 private:
  unsigned seen_;
};

/// Makes the first Ctrl-C of a run finish the batch and end `fit`, which returns the history of the
/// whole epochs; the model is usable, and `fit` may be called again. The second one kills. A run
/// with checkpoints keeps one of that moment, and has this callback without being told.
class CORNU_API StopOnInterrupt final : public Callback {
 public:
  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  void on_state(TrainingTarget& target, const RunState& state) override;
  void on_train_end(TrainingTarget& target) override;

  /// Whether the last run was ended by Ctrl-C.
  bool stopped() const noexcept { return stopped_; }

 private:
  std::unique_ptr<InterruptGuard> guard_;
  bool stopped_ = false;
};

CORNU_API std::shared_ptr<StopOnInterrupt> stop_on_interrupt();

}  // namespace cornu
