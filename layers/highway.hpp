#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct HighwayOptions {
  Initializer init = "glorot_uniform";
  double transform_bias = -2;
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

/// Each output is a mixture of a Dense layer's and of the input itself, by a gate that is learnt:
///
///     t = sigmoid(x W_carry + b_carry)
///     y = t * activation(x W + b) + (1 - t) * x
///
/// x (N, D), W and W_carry (D, D), b and b_carry (D,), y (N, D). `weights` are W, b, W_carry,
/// b_carry; b starts at zero and b_carry at transform_bias: below 0 the layer starts by passing its
/// input on. Regularizers and constraints are those of W and b alone. (Srivastava et al., "Highway
/// Networks", 2015; Keras 1.0.3, layers/core.py)
class CORNU_API Highway final : public ConfiguredLayer<HighwayOptions> {
 public:
  explicit Highway(HighwayOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivityRegularizer* activity_regularizer() const override {
    return options().activity_regularizer ? &options().activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return options().weights; }

  /// Two products, the layer's and the gate's.
  double multiplications(std::span<const Shape> inputs) const override {
    return 2 * static_cast<double>(inputs[0].size() * inputs[0].size());
  }
  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot W{0, "W"}, b{1, "b"}, W_carry{2, "W_carry"}, b_carry{3, "b_carry"};
  struct Slots {
    static constexpr CacheSlot t{0, "t"}, a{1, "a"}, z{2, "z"};
    static constexpr WorkspaceSlot dt{0, "dt"}, da{1, "da"}, dz{2, "dz"};
  };
};

}  // namespace cornu
