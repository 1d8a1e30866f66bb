#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ThresholdedReLUOptions {
  double theta = 1;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = x where x > theta, else 0. Any shape; masks pass through.
/// (Konda et al., "Zero-bias autoencoders and the benefits of co-adapting features", 2014; Keras
/// 1.0.3, layers/advanced_activations.py)
class CORNU_API ThresholdedReLU final : public ConfiguredLayer<ThresholdedReLUOptions> {
 public:
  explicit ThresholdedReLU(ThresholdedReLUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
