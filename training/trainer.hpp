#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"
#include "cornu/training/metrics/metric_set.hpp"
#include "cornu/training/scores.hpp"
#include "cornu/training/training_function.hpp"

namespace cornu {

/// Trains and tests a graph batch by batch: what `compile` makes. It is a TrainingFunction, an
/// optimizer with its accumulators, and metrics.
class CORNU_API Trainer {
 public:
  /// Throws ConfigError for metrics that do not exist.
  Trainer(std::shared_ptr<const FlatGraph> graph, OptimizerPtr optimizer,
          std::vector<OutputTraining> outputs, std::uint64_t seed);
  ~Trainer();

  /// One optimizer step. The scores are those before it: "loss" (penalties included) and, with
  /// several outputs, each output's; then `metrics`, over all batches since their reset. When the
  /// loss is not finite the step is not made: nothing has changed but the metrics, and
  /// `require_finite` throws. Throws ConfigError when it is called within a step or a test, by a
  /// layer, a metric or another thread.
  Scores train(const Batch& batch, MetricSet& metrics);
  /// The same without a step, in the test phase and without penalties.
  Scores test(const Batch& batch, MetricSet& metrics);
  /// Throws NumericError, saying where that began, when these scores of a step or test have a loss
  /// that is not finite.
  void require_finite(const Scores& scores, const char* place) const;
  /// A new pass begins: where its numbers stop being finite is looked for anew.
  void begin_pass() noexcept { finite_ = true; }
  /// Where the last loss that was not finite began to be so: "the output of dense_2 (Dense)".
  const std::string& last_nonfinite() const noexcept { return last_nonfinite_; }
  /// Whether a step or a test is under way: who asks is called by it.
  bool in_step() const noexcept { return in_step_.load(std::memory_order_relaxed); }

  /// What stands between the gradients of a step and the step itself: it gets all of them, laid out
  /// as `parameters()` says, and may change them: the place to add those of other processes. Empty
  /// for nothing.
  using GradientExchange = std::function<void(Array gradients)>;
  void set_gradient_exchange(GradientExchange exchange) { exchange_ = std::move(exchange); }

  /// Metrics for one more pass over data, all at their beginning.
  MetricSet make_metrics() const { return {*function_.graph(), function_.outputs()}; }
  /// "loss", "<output>_loss"..., then the metrics' labels.
  const std::shared_ptr<const std::vector<std::string>>& score_names() const { return names_; }
  /// How many of the names, at the front, are losses: batches of an epoch are averaged for them.
  std::size_t loss_count() const { return outputs().size() > 1 ? outputs().size() + 1 : 1; }

  /// Another function of the same graph, weights and random state, whose next run is the next
  /// step's: with gradients and buffers of its own, for looking.
  std::unique_ptr<TrainingFunction> function(Sharing sharing) const;
  /// The trainer's own.
  const TrainingFunction& function() const noexcept { return function_; }

  Optimizer& optimizer() noexcept { return *optimizer_; }
  const OptimizerPtr& optimizer_pointer() const noexcept { return optimizer_; }
  const std::vector<OutputTraining>& outputs() const noexcept { return function_.outputs(); }
  /// Keys the random numbers of training, together with the number of steps made.
  std::uint64_t seed() const noexcept { return function_.seed(); }
  std::uint64_t steps() const noexcept { return function_.steps(); }
  void set_random_state(std::uint64_t seed, std::uint64_t steps) noexcept {
    function_.set_random_state(seed, steps);
  }

  const TrainedParameters& parameters() const noexcept { return function_.parameters(); }
  /// dL/d(parameters) of the last step, laid out as `parameters()` says, after clipping.
  ConstArray gradients() const noexcept { return function_.gradients(); }
  /// One array of the same layout for each of the optimizer's slot names.
  std::vector<AlignedArray>& slots() noexcept { return slots_; }
  const std::vector<AlignedArray>& slots() const noexcept { return slots_; }
  /// The arena of the training run, in numbers; 0 before the first step.
  std::size_t arena_size() const { return function_.arena_size(); }
  /// How a training run for so many samples is laid out.
  Plan plan_for(std::size_t samples) const { return function_.plan_for(samples); }

 private:
  Scores scores_of(double loss, const Batch& batch, const Execution& run, MetricSet& metrics);
  void apply_step();

  TrainingFunction function_;
  OptimizerPtr optimizer_;
  std::shared_ptr<const void> optimizer_taken_;
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<AlignedArray> slots_;
  std::vector<Scalar*> slot_pointers_;
  GradientExchange exchange_;
  bool finite_ = true;  ///< whether the last loss of this pass was
  std::string last_nonfinite_;
  std::atomic<bool> in_step_{false};
};

}  // namespace cornu
