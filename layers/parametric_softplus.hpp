#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ParametricSoftplusOptions {
  double alpha_init = 0.2;
  double beta_init = 5;
  std::vector<Tensor> weights = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = alpha * log(1 + exp(beta * x)) with a trained alpha and beta for each element of a sample.
/// x (N, ...), alphas and betas (...), y (N, ...); masks pass through. `weights` is both.
/// (McFarland et al., "Inferring Nonlinear Neuronal Computation Based on Physiologically Plausible
/// Inputs", 2013; Keras 1.0.3, layers/advanced_activations.py)
class CORNU_API ParametricSoftplus final : public ConfiguredLayer<ParametricSoftplusOptions> {
 public:
  explicit ParametricSoftplus(ParametricSoftplusOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }

  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot alphas{0, "alphas"}, betas{1, "betas"};
};

}  // namespace cornu
