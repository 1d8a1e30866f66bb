#include "cornu/training/sources/array_source.hpp"

#include <algorithm>
#include <numeric>

#include "cornu/core/random.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace cornu {

ArraySource::ArraySource(std::vector<ConstView> x, std::vector<ConstView> y,
                         std::vector<ConstView> sample_weight, std::size_t samples,
                         std::size_t batch_size, Shuffle shuffle, std::uint64_t seed,
                         bool drop_last)
    : samples_(samples),
      batch_size_(std::min(batch_size, std::max<std::size_t>(samples, 1))),
      left_out_(drop_last ? samples % batch_size : 0),
      shuffle_(shuffle),
      seed_(seed),
      x_(columns_of(x)),
      y_(columns_of(y)),
      sample_weight_(columns_of(sample_weight)) {
  if (shuffle_ == Shuffle::samples) order_.resize(samples_);
  if (shuffle_ == Shuffle::batches) order_.resize(samples_ / batch_size_);
}

std::vector<ArraySource::Column> ArraySource::columns_of(
    const std::vector<ConstView>& arrays) const {
  std::vector<Column> columns;
  for (const ConstView& array : arrays) {
    Column column{array, array ? array.size() / std::max<std::size_t>(samples_, 1) : 0, {}};
    if (shuffle_ == Shuffle::samples && array)
      column.gathered = AlignedArray(batch_size_ * column.width);
    columns.push_back(std::move(column));
  }
  return columns;
}

void ArraySource::begin_epoch(std::size_t epoch) {
  at_ = 0;
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  RandomStream(seed_, Purpose::shuffle, 0, epoch).shuffle(order_);
}

void ArraySource::cut(std::vector<Column>& columns, std::size_t first, std::size_t count,
                      std::vector<ConstView>& views) {
  views.resize(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    Column& column = columns[c];
    views[c] = {};
    if (!column.all) continue;
    const Shape shape = column.all.shape.without_samples().with_samples(count);
    if (shuffle_ != Shuffle::samples) {
      views[c] = {column.all.data + first * column.width, shape};
      continue;
    }
    kernels::gather_rows(column.all.data, order_.data() + first, count, column.width,
                         column.gathered.data());
    views[c] = {column.gathered.data(), shape};
  }
}

bool ArraySource::next(Batch& batch) {
  const std::size_t begin = at_ * batch_size_;
  if (begin >= samples()) return false;
  const std::size_t first =
      shuffle_ == Shuffle::batches && at_ < order_.size() ? order_[at_] * batch_size_ : begin;
  const std::size_t count = std::min(batch_size_, samples_ - begin);
  batch.samples = count;
  cut(x_, first, count, batch.x);
  cut(y_, first, count, batch.y);
  cut(sample_weight_, first, count, batch.sample_weight);
  ++at_;
  return true;
}

}  // namespace cornu
