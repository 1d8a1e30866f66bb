#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cornu/graph/execution.hpp"
#include "cornu/training/objectives/output_loss.hpp"
#include "cornu/training/output_training.hpp"
#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// The loss of a graph on a batch, as a function of its parameters, and the gradients of that: what
/// a Trainer goes down along, and what checks, traces and profiles look at. It owns the gradients
/// and the buffers of its runs, and changes no weight and no state.
class CORNU_API TrainingFunction {
 public:
  /// With Sharing::kept every array of a run can be looked at afterwards, in `training_run`, and no
  /// loss is differentiated together with the activation before it: each array of gradients is the
  /// one that its name says.
  TrainingFunction(std::shared_ptr<const FlatGraph> graph, std::vector<OutputTraining> outputs,
                   std::uint64_t seed, Sharing sharing = Sharing::shared);
  ~TrainingFunction();

  /// The weighted sum of the outputs' losses in the training phase, and penalties.
  double training_loss(const Batch& batch);
  /// The same in the test phase, without penalties.
  double testing_loss(const Batch& batch);
  /// dL/d(parameters) of the batch that `training_loss` has just seen, to `gradients()`.
  void backward(const Batch& batch);
  /// Both.
  double loss_and_gradients(const Batch& batch);
  /// The loss of each output of the last run, before the outputs' weights.
  std::span<const double> output_losses() const noexcept { return losses_; }

  const std::shared_ptr<const FlatGraph>& graph() const noexcept { return graph_; }
  const std::vector<OutputTraining>& outputs() const noexcept { return settings_; }
  const TrainedParameters& parameters() const noexcept { return parameters_; }
  /// Laid out as `parameters()` says.
  Array gradients() noexcept { return gradients_.array(); }
  ConstArray gradients() const noexcept { return gradients_.array(); }

  /// Keys the random numbers of training, together with the number of steps made.
  std::uint64_t seed() const noexcept { return seed_; }
  std::uint64_t steps() const noexcept { return steps_; }
  void set_random_state(std::uint64_t seed, std::uint64_t steps) noexcept;

  /// The buffers of the last `training_loss`; null before the first.
  Execution* training_run() noexcept { return training_.get(); }
  const Execution* training_run() const noexcept { return training_.get(); }
  /// Those of the last `testing_loss`.
  Execution* testing_run() noexcept { return testing_.get(); }
  /// How a training run for so many samples is laid out.
  Plan plan_for(std::size_t samples) const { return {*graph_, Phase::train, samples, uses_}; }
  /// How the last training run is laid out. Only after a first one.
  const Plan& plan() const { return training_->plan(); }
  /// The arena of the training run, in numbers; 0 before the first.
  std::size_t arena_size() const { return training_ ? training_->plan().arena_size() : 0; }

  /// The seconds that each node's forward and backward take on this batch: the mean of so many
  /// repetitions, after one that is not counted.
  std::vector<NodeTimes> profile(const Batch& batch, std::size_t repetitions);
  /// Where numbers first stop being finite on this batch: "the output of dense_2 (Dense)", or "".
  std::string find_nonfinite(const Batch& batch) const;

 private:
  struct Output;
  double loss_of(Execution& execution, const Batch& batch);
  double penalties() const;

  std::shared_ptr<const FlatGraph> graph_;
  std::vector<OutputTraining> settings_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::vector<double> losses_;
  std::vector<OutputUse> uses_;
  TrainedParameters parameters_;
  std::vector<const Variable*> penalized_;  ///< every parameter with a regularizer, once
  AlignedArray gradients_;
  std::unique_ptr<Execution> training_, testing_;
  std::vector<const Scalar*> input_pointers_;
  std::uint64_t seed_, steps_ = 0;
  Sharing sharing_;
};

}  // namespace cornu
