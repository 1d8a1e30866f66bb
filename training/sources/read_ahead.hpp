#pragma once

#include <cstddef>
#include <memory>

#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// Asks another source for its batches on a thread of its own, some ahead of the one that is worked
/// on, so that reading and computing go on side by side. The batches and their order are the
/// source's. What the source throws comes out of `next` in place of the batch. A run that stops
/// early waits for the batch that is just being made, no longer.
class CORNU_API ReadAhead final : public BatchSource {
 public:
  /// Borrows the source, which must not be used elsewhere meanwhile; holds copies of up to `depth`
  /// batches. Throws ConfigError when depth is 0.
  explicit ReadAhead(BatchSource& source, std::size_t depth = 4);
  ~ReadAhead() override;
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  std::size_t samples() const override;
  void begin_epoch(std::size_t epoch) override;
  bool next(Batch& batch) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cornu
