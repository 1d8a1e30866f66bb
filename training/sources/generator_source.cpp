#include "cornu/training/sources/generator_source.hpp"

#include "cornu/core/error.hpp"

namespace cornu {

GeneratorSource::GeneratorSource(Generate generate, std::size_t samples)
    : generate_(std::move(generate)), samples_(samples) {
  if (!generate_) throw ConfigError("GeneratorSource", "expected a function, got none");
}

void GeneratorSource::begin_epoch(std::size_t epoch) {
  epoch_ = epoch;
  number_ = 0;
}

bool GeneratorSource::next(Batch& batch) {
  if (!generate_(epoch_, number_, tensors_)) return false;
  const std::string place = "GeneratorSource, batch " + std::to_string(number_);
  if (tensors_.x.empty() || tensors_.x[0].shape().empty())
    throw ShapeError(place, "expected inputs (N, ...), got none");
  const std::size_t samples = tensors_.x[0].shape().front();
  const auto take = [&](const std::vector<Tensor>& from, std::vector<ConstView>& to) {
    to.clear();
    for (const Tensor& tensor : from) {
      if (tensor.shape().empty() || tensor.shape().front() != samples || tensor.empty())
        throw ShapeError(place, "expected arrays of " + std::to_string(samples) +
                                    " samples as the first input has, got shape " +
                                    tensor.shape().to_string());
      to.push_back(tensor.view());
    }
  };
  take(tensors_.x, batch.x);
  take(tensors_.y, batch.y);
  take(tensors_.sample_weight, batch.sample_weight);
  batch.samples = samples;
  ++number_;
  return true;
}

}  // namespace cornu
