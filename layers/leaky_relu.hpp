#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct LeakyReLUOptions {
  double alpha = 0.3;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = x where x > 0, else alpha * x. Any shape; masks pass through.
/// (Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013; Keras
/// 1.0.3, layers/advanced_activations.py)
class CORNU_API LeakyReLU final : public ConfiguredLayer<LeakyReLUOptions> {
 public:
  explicit LeakyReLU(LeakyReLUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
