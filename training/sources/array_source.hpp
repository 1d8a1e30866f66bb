#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// In what order the samples of an epoch come.
enum class Shuffle {
  off,      ///< as they stand
  samples,  ///< all samples in a new random order every epoch
  batches,  ///< whole batches in a random order, an incomplete one last; contents stay together
};

/// Batches cut from arrays in memory. The order of an epoch is a function of seed and epoch alone.
class CORNU_API ArraySource final : public BatchSource {
 public:
  /// The arrays, borrowed, have the same number of samples as first axis. batch_size > 0. With
  /// `drop_last` an epoch has no last, smaller batch.
  ArraySource(std::vector<ConstView> x, std::vector<ConstView> y,
              std::vector<ConstView> sample_weight, std::size_t samples, std::size_t batch_size,
              Shuffle shuffle = Shuffle::off, std::uint64_t seed = 0, bool drop_last = false);

  std::size_t samples() const override { return samples_ - left_out_; }
  void begin_epoch(std::size_t epoch) override;
  bool next(Batch& batch) override;

 private:
  /// One array and, where samples are shuffled, the rows of the present batch.
  struct Column {
    ConstView all;
    std::size_t width = 0;  ///< numbers in one sample
    AlignedArray gathered;
  };
  std::vector<Column> columns_of(const std::vector<ConstView>& arrays) const;
  void cut(std::vector<Column>& columns, std::size_t first, std::size_t count,
           std::vector<ConstView>& views);

  std::size_t samples_, batch_size_;
  std::size_t left_out_;  ///< of an epoch: its last, smaller batch
  Shuffle shuffle_;
  std::uint64_t seed_;
  std::vector<Column> x_, y_, sample_weight_;
  std::vector<std::size_t> order_;  ///< of samples or of batches; empty when off
  std::size_t at_ = 0;              ///< the next batch
};

}  // namespace cornu
