#pragma once

#include <cstddef>
#include <vector>

#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/run_state.hpp"
#include "cornu/training/sources/batch_source.hpp"
#include "cornu/training/trainer.hpp"

namespace cornu {

/// How `run_fit` goes about it.
struct FitPlan {
  std::size_t batch_size = 32;    ///< for callbacks to know
  std::size_t nb_epoch = 10;      ///< the number of the last epoch, plus one
  std::size_t first_epoch = 0;    ///< the number of the whole run's first epoch
  std::size_t epochs_before = 0;  ///< the model's epochs before it: numbers the data's order
  bool resumed = false;           ///< whether it goes on from the state of an interrupted run
  int verbose = 1;
  std::vector<CallbackPtr> callbacks;
  BatchSource* validation = nullptr;   ///< tested after every epoch
  std::size_t validation_samples = 0;  ///< for the opening line, 0 when unknown
  FitState from = {};                  ///< where to begin
};

/// The training loop, until the last epoch or until `target` is told to stop, which is looked at
/// after each batch. Throws NumericError when a loss, the validation's too, is not finite and no
/// callback stops the run for it; the steps before that one stand, and the failing one was not
/// made. What a callback throws ends the run; each callback that had begun is ended, and the first
/// exception is what comes out.
CORNU_API History run_fit(Trainer& trainer, TrainingTarget& target, BatchSource& source,
                          const FitPlan& plan);

/// The scores over all batches of one epoch of a source: losses averaged by samples. With
/// `verbose` 1 a progress bar is shown. Throws NumericError when the loss is not finite.
CORNU_API Scores run_evaluate(Trainer& trainer, BatchSource& source, int verbose = 0);

}  // namespace cornu
