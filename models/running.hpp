#pragma once

// Not a public header: what stands around a run of `fit`.

#include <cstddef>
#include <vector>

#include "cornu/models/model_impl.hpp"
#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// A source of the user's, each of whose batches is checked before it is used.
class CheckedSource final : public BatchSource {
 public:
  CheckedSource(BatchSource& source, const Model::Impl& model, const char* place)
      : source_(source), model_(model), place_(place) {}

  std::size_t samples() const override { return source_.samples(); }
  void begin_epoch(std::size_t epoch) override;
  bool next(Batch& batch) override;

 private:
  void check(const Batch& batch, const char* place) const;

  BatchSource& source_;
  const Model::Impl& model_;
  const char* place_;
  std::size_t number_ = 0;
};

/// Makes the callbacks of a run known to the model, whose files then hold their states, and gives
/// those of a resumed run theirs back.
class RunningCallbacks {
 public:
  RunningCallbacks(Model::Impl& impl, const std::vector<CallbackPtr>& callbacks, bool resumed);
  ~RunningCallbacks();
  RunningCallbacks(const RunningCallbacks&) = delete;
  RunningCallbacks& operator=(const RunningCallbacks&) = delete;

 private:
  Model::Impl& impl_;
};

}  // namespace cornu
