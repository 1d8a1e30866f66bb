#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct DenseOptions {
  std::size_t output_dim = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  Regularizer W_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;
  std::size_t input_dim = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = activation(x W + b): every output sees every input.
///
/// x (N, D), W (D, M), b (M,), y (N, M) with M = output_dim. `weights` are W and b; b starts at
/// zero. (Keras 1.0.3, layers/core.py)
class CORNU_API Dense final : public ConfiguredLayer<DenseOptions> {
 public:
  explicit Dense(DenseOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivationName* output_activation() const override { return &options().activation; }
  const ActivityRegularizer* activity_regularizer() const override {
    return options().activity_regularizer ? &options().activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return options().weights; }

  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].size() * options_.output_dim);
  }
  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot W{0, "W"}, b{1, "b"};
};

}  // namespace cornu
