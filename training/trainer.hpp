#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cornu/graph/execution.hpp"
#include "cornu/optimizers/optimizer.hpp"
#include "cornu/training/metrics/metric.hpp"
#include "cornu/training/objectives/output_loss.hpp"
#include "cornu/training/scores.hpp"
#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// How one output of a model is trained and measured.
struct OutputTraining {
  std::string name;  ///< of the output's layer
  ObjectivePtr objective;
  double weight = 1;  ///< of this output's loss in the total
  std::vector<std::string> metrics;
};

/// Trains and tests a graph batch by batch: what `compile` makes. It owns the gradients, the
/// optimizer's accumulators and the buffers of its runs.
class CORNU_API Trainer {
 public:
  /// Throws ConfigError for metrics that do not exist. With Sharing::kept every array of a step can
  /// be looked at afterwards, in `training_run`, and no loss is differentiated together with the
  /// activation before it: each array of gradients is the one that its name says.
  Trainer(std::shared_ptr<const FlatGraph> graph, OptimizerPtr optimizer,
          std::vector<OutputTraining> outputs, std::uint64_t seed,
          Sharing sharing = Sharing::shared);
  ~Trainer();
  /// Another trainer for the same graph and weights, which would make the same next step: with
  /// gradients and buffers of its own, without metrics, not to be asked for a step. For looking.
  std::unique_ptr<Trainer> twin(Sharing sharing) const;

  /// One optimizer step. The scores are those before it: "loss" (penalties included) and, with
  /// several outputs, each output's; then metrics, over all batches since `reset_metrics`. When the
  /// loss is not finite the step is not made: nothing has changed but the metrics.
  Scores train(const Batch& batch);
  /// The same without a step, in the test phase and without penalties.
  Scores test(const Batch& batch);
  void reset_metrics();
  /// The state of each metric, output by output, to interrupt an epoch and resume it.
  std::vector<MetricState> metric_states() const;
  /// Throws FormatError when there are not as many, or one is not such a metric's.
  void set_metric_states(const std::vector<MetricState>& states);

  /// "loss", "<output>_loss"..., then the metrics' labels.
  const std::shared_ptr<const std::vector<std::string>>& score_names() const { return names_; }
  /// How many of the names, at the front, are losses: batches of an epoch are averaged for them.
  std::size_t loss_count() const { return outputs_.size() > 1 ? outputs_.size() + 1 : 1; }

  Optimizer& optimizer() noexcept { return *optimizer_; }
  const OptimizerPtr& optimizer_pointer() const noexcept { return optimizer_; }
  const std::vector<OutputTraining>& outputs() const noexcept { return settings_; }
  /// Keys the random numbers of training, together with the number of steps made.
  std::uint64_t seed() const noexcept { return seed_; }
  std::uint64_t steps() const noexcept { return steps_; }
  void set_random_state(std::uint64_t seed, std::uint64_t steps);

  const TrainedParameters& parameters() const noexcept { return parameters_; }
  /// dL/d(parameters) of the last step, laid out as `parameters()` says, after clipping.
  ConstArray gradients() const noexcept { return gradients_.array(); }
  /// One array of the same layout for each of the optimizer's slot names.
  std::vector<AlignedArray>& slots() noexcept { return slots_; }
  const std::vector<AlignedArray>& slots() const noexcept { return slots_; }
  /// The arena of the training run, in numbers; 0 before the first step.
  std::size_t arena_size() const;
  /// How a training run for so many samples is laid out.
  Plan plan_for(std::size_t samples) const { return {*graph_, Phase::train, samples, uses_}; }
  /// How the training run is laid out. Only after a first step or `profile`.
  const Plan& plan() const { return training_->plan(); }

  /// Where numbers first stop being finite on this batch: "the output of dense_2 (Dense)", or "".
  std::string find_nonfinite(const Batch& batch) const;
  /// The same for the last batch trained on whose loss was not finite.
  const std::string& last_nonfinite() const noexcept { return last_nonfinite_; }
  /// The loss of a training step, penalties included, without the step; the metrics see the batch.
  double training_loss(const Batch& batch);
  /// The same with its gradients, in `gradients()`.
  double loss_and_gradients(const Batch& batch);
  /// The seconds that each node's forward and backward take on this batch: the mean of so many
  /// repetitions, after one that is not counted. No step is made.
  std::vector<NodeTimes> profile(const Batch& batch, std::size_t repetitions);

  /// The buffers of the last training step; null before the first.
  const Execution* training_run() const noexcept { return training_.get(); }

 private:
  struct Output;
  double forward(Execution& execution, const Batch& batch, Scores& scores);
  double penalties(const Execution& execution) const;
  void backward(const Batch& batch);
  void apply_step();
  Execution& training_execution(std::size_t samples);
  Execution& testing_execution(std::size_t samples);

  std::shared_ptr<const FlatGraph> graph_;
  OptimizerPtr optimizer_;
  std::vector<OutputTraining> settings_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::vector<OutputUse> uses_;
  std::shared_ptr<const std::vector<std::string>> names_;
  TrainedParameters parameters_;
  std::vector<const Variable*> penalized_;  ///< every parameter with a regularizer, once
  AlignedArray gradients_;
  std::vector<AlignedArray> slots_;
  std::vector<Scalar*> slot_pointers_;
  std::unique_ptr<Execution> training_, testing_;
  std::vector<const Scalar*> input_pointers_;
  std::string last_nonfinite_;
  std::uint64_t seed_, steps_ = 0;
  Sharing sharing_;
};

}  // namespace cornu
