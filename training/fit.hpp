#pragma once

#include <cstddef>
#include <vector>

#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/history.hpp"
#include "cornu/training/sources/batch_source.hpp"
#include "cornu/training/trainer.hpp"

namespace cornu {

/// Where a run stands between two batches; with the model and its callbacks' states this is all
/// that the rest of the run depends on.
struct FitState {
  std::size_t epoch = 0;             ///< the epoch to go on with
  std::size_t batch = 0;             ///< how many of its batches are done
  std::size_t samples = 0;           ///< in these batches
  std::vector<double> loss_sums;     ///< over these samples
  std::vector<MetricState> metrics;  ///< see Trainer::metric_states
  History history;                   ///< of the epochs before
};

/// Keeps states of a run, to resume it from.
class CORNU_API FitKeeper {
 public:
  virtual ~FitKeeper();
  /// Whether the state is to be kept after so many batches of an epoch. Must be quick.
  virtual bool due(std::size_t epoch, std::size_t batches) = 0;
  /// Whether the run is to end now, after keeping its state.
  virtual bool interrupted() const = 0;
  /// `scores` are those of the epoch that has just ended, null within an epoch.
  virtual void keep(const FitState& state, const Scores* scores) = 0;
};

/// How `run_fit` goes about it.
struct FitPlan {
  std::size_t batch_size = 32;    ///< for callbacks to know
  std::size_t nb_epoch = 10;      ///< the number of the last epoch, plus one
  std::size_t first_epoch = 0;    ///< the number of the first epoch
  std::size_t epochs_before = 0;  ///< the model's epochs in earlier runs: numbers the data's order
  int verbose = 1;
  std::vector<CallbackPtr> callbacks;
  BatchSource* validation = nullptr;   ///< tested after every epoch
  std::size_t validation_samples = 0;  ///< for the opening line, 0 when unknown
  FitKeeper* keeper = nullptr;         ///< asked after every batch and told after every epoch
  const FitState* from = nullptr;      ///< the state to go on from
};

/// The training loop, until the last epoch or until `target` is told to stop, which is looked at
/// after each batch. Throws NumericError when a loss is not finite and no callback stops the run
/// for it; the steps before that one stand, and the failing one was not made.
CORNU_API History run_fit(Trainer& trainer, TrainingTarget& target, BatchSource& source,
                          const FitPlan& plan);

/// The scores over all batches of one epoch of a source: losses averaged by samples. With
/// `verbose` 1 a progress bar is shown. Throws NumericError when the loss is not finite.
CORNU_API Scores run_evaluate(Trainer& trainer, BatchSource& source, int verbose = 0);

/// Throws NumericError for scores whose loss is not finite, naming where that began.
CORNU_API void check_finite(const Trainer& trainer, const Scores& scores, const Batch& batch,
                            const char* place);

}  // namespace cornu
