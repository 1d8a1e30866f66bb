#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu {

struct LambdaCallbackOptions {
  std::function<void(TrainingTarget&, const TrainingParams&)> on_train_begin = {};
  std::function<void(TrainingTarget&)> on_train_end = {};
  std::function<void(TrainingTarget&, std::size_t epoch)> on_epoch_begin = {};
  std::function<void(TrainingTarget&, std::size_t epoch, const Scores&)> on_epoch_end = {};
  std::function<void(TrainingTarget&, std::size_t batch, std::size_t size)> on_batch_begin = {};
  std::function<void(TrainingTarget&, std::size_t batch, std::size_t size, const Scores&)>
      on_batch_end = {};
  std::function<void(TrainingTarget&, const RunState&)> on_state = {};
};

/// Any of a callback's hooks as a function:
///
///     lambda_callback({.on_epoch_end = [](TrainingTarget&, std::size_t epoch, const Scores&) {}})
class CORNU_API LambdaCallback final : public Callback {
 public:
  explicit LambdaCallback(LambdaCallbackOptions options) : hooks_(std::move(options)) {}

  void on_train_begin(TrainingTarget& target, const TrainingParams& params) override;
  void on_train_end(TrainingTarget& target) override;
  void on_epoch_begin(TrainingTarget& target, std::size_t epoch) override;
  void on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) override;
  void on_batch_begin(TrainingTarget& target, std::size_t batch, std::size_t size) override;
  void on_batch_end(TrainingTarget& target, std::size_t batch, std::size_t size,
                    const Scores& scores) override;
  void on_state(TrainingTarget& target, const RunState& state) override;
  /// What its functions remember is theirs to guard.
  bool stateless() const override { return true; }

 private:
  LambdaCallbackOptions hooks_;
};

CORNU_API std::shared_ptr<LambdaCallback> lambda_callback(LambdaCallbackOptions options);

}  // namespace cornu
