#pragma once

#include <cstddef>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/training/history.hpp"
#include "cornu/training/metrics/metric.hpp"
#include "cornu/training/scores.hpp"

namespace cornu {

/// Where a run of `fit` stands between two batches; with the model and its callbacks' states this
/// is all that the rest of the run depends on.
struct FitState {
  std::size_t epoch = 0;             ///< the epoch to go on with
  std::size_t batch = 0;             ///< how many of its batches are done
  std::size_t samples = 0;           ///< in these batches
  std::vector<double> loss_sums;     ///< over these samples
  std::vector<MetricState> metrics;  ///< see MetricSet::states
  History history;                   ///< of the epochs before
};

/// The same as callbacks see it: the numbers at once, the rest when it is asked for.
class CORNU_API RunState {
 public:
  virtual ~RunState();
  /// The epoch to go on with, and how many of its batches are done: 0 when one has just ended.
  std::size_t epoch = 0, batch = 0;
  /// Of the epoch that has just ended, null within one.
  const Scores* scores = nullptr;
  /// Whether a callback had ended the run (`stop_training`) when its hooks of this batch or epoch
  /// were done: the run is not to go on. One that is stopped later is only interrupted.
  bool ended = false;
  /// All of it, copied.
  virtual FitState capture() const = 0;
};

}  // namespace cornu
