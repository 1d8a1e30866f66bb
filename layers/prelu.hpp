#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct PReLUOptions {
  Initializer init = "zero";
  std::vector<Tensor> weights = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = max(x, 0) + alpha * min(x, 0) with a trained alpha for each element of a sample.
/// x (N, ...), alphas (...), y (N, ...); masks pass through. `weights` is the alphas.
/// (He et al., "Delving Deep into Rectifiers", 2015; Keras 1.0.3, layers/advanced_activations.py)
class CORNU_API PReLU final : public ConfiguredLayer<PReLUOptions> {
 public:
  explicit PReLU(PReLUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }

  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot alphas{0, "alphas"};
};

}  // namespace cornu
