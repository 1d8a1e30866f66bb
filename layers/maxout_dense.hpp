#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct MaxoutDenseOptions {
  std::size_t output_dim = 0;
  std::size_t nb_feature = 4;
  Initializer init = "glorot_uniform";
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

/// The largest of nb_feature linear functions for each output: y = max over k of (x W_k + b_k).
///
/// x (N, D), W (K, D, M), b (K, M), y (N, M) with K = nb_feature and M = output_dim. `weights` are
/// W and b; b starts at zero. (Goodfellow et al., "Maxout Networks", 2013; Keras 1.0.3,
/// layers/core.py)
class CORNU_API MaxoutDense final : public ConfiguredLayer<MaxoutDenseOptions> {
 public:
  explicit MaxoutDense(MaxoutDenseOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivityRegularizer* activity_regularizer() const override {
    return options().activity_regularizer ? &options().activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return options().weights; }

  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].size() * options_.output_dim * options_.nb_feature);
  }
  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot W{0, "W"}, b{1, "b"};
  static constexpr CacheSlot largest{0, "largest"};  ///< which k gave the largest z_k
  static constexpr WorkspaceSlot z{0, "z"}, dz{1, "dz"};
};

}  // namespace cornu
