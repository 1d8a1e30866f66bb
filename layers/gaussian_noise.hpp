#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct GaussianNoiseOptions {
  double sigma = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Training: y = x + n with n normal of mean 0 and standard deviation sigma, fresh for each number.
/// Testing: y = x. Any shape; masks pass through. (Keras 1.0.3, layers/noise.py)
class CORNU_API GaussianNoise final : public ConfiguredLayer<GaussianNoiseOptions> {
 public:
  explicit GaussianNoise(GaussianNoiseOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  static constexpr WorkspaceSlot noise{0, "noise"};
};

}  // namespace cornu
