#pragma once

#include <cstddef>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// What one step works on: one view for each input and each output of the model, all with the same
/// number of samples as first axis. Borrowed: valid until the source is asked again.
struct Batch {
  std::size_t samples = 0;
  std::vector<ConstView> x;
  std::vector<ConstView> y;
  std::vector<ConstView> sample_weight;  ///< one an output, null data for "all one"; or none at all
};

/// Where `fit` takes its batches from: arrays in memory, a generator, a file larger than memory.
/// `fit` calls `begin_epoch`, then `next` until it answers false, for each epoch.
class CORNU_API BatchSource {
 public:
  virtual ~BatchSource() = default;

  /// The samples of one epoch, 0 when unknown.
  virtual std::size_t samples() const { return 0; }
  /// Goes to the first batch of an epoch (from 0). What comes must depend on nothing but the epoch,
  /// so that a resumed run sees what the interrupted one would have seen.
  virtual void begin_epoch(std::size_t epoch) = 0;
  /// Fills `batch` with the next batch and answers true, or answers false at the epoch's end.
  /// Must not allocate once every batch size of an epoch was seen, if it is to be fast.
  virtual bool next(Batch& batch) = 0;
};

}  // namespace cornu
