#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ELUOptions {
  double alpha = 1;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = x where x > 0, else alpha * (exp(x) - 1). Any shape; masks pass through.
/// (Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units", 2015;
/// Keras 1.0.3, layers/advanced_activations.py)
class CORNU_API ELU final : public ConfiguredLayer<ELUOptions> {
 public:
  explicit ELU(ELUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
