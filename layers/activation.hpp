#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ActivationOptions {
  ActivationName activation = "linear";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = f(x) for an activation chosen by name. Any shape that f takes; y has that of x. Masks pass
/// through. (Keras 1.0.3, layers/core.py)
class CORNU_API Activation final : public ConfiguredLayer<ActivationOptions> {
 public:
  explicit Activation(ActivationOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivationName* output_activation() const override { return &options().activation; }

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
