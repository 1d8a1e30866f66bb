#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// A batch that owns its arrays: (N, ...) each, for every input and output of the model. Arrays of
/// `sample_weight` are (N,), one an output, or there are none.
struct TensorBatch {
  std::vector<Tensor> x, y, sample_weight;
};

/// Batches made by a function, one after the other: data that is read, computed or augmented on the
/// way. `fit` from one with a reading thread: `ReadAhead ahead(source); model.fit(ahead, ...)`.
class CORNU_API GeneratorSource final : public BatchSource {
 public:
  /// Fills `batch`, which still holds the last one, so that its memory can be used again; answers
  /// false when the epoch has no batch of this number (from 0). What it makes must depend on
  /// nothing but the two numbers, if runs are to be repeatable and resumable.
  using Generate = std::function<bool(std::size_t epoch, std::size_t number, TensorBatch& batch)>;

  /// `samples` is the number in an epoch, for the progress bar, 0 when unknown. Throws ConfigError
  /// without a function.
  explicit GeneratorSource(Generate generate, std::size_t samples = 0);

  std::size_t samples() const override { return samples_; }
  void begin_epoch(std::size_t epoch) override;
  /// Throws ShapeError when arrays of one batch differ in their number of samples, or have none.
  bool next(Batch& batch) override;

 private:
  Generate generate_;
  std::size_t samples_, epoch_ = 0, number_ = 0;
  TensorBatch tensors_;
};

}  // namespace cornu
