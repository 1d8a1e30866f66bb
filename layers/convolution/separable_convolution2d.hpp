#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct SeparableConvolution2DOptions {
  std::size_t nb_filter = 0;
  std::size_t nb_row = 0;
  std::size_t nb_col = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::vector<int> subsample = {1, 1};
  std::size_t depth_multiplier = 1;
  std::string dim_ordering = "th";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// A convolution in two cheaper ones: first each channel c by itself, with M = depth_multiplier
/// filters D for each, then a mixing P of the C M channels at each place:
///
///     u[n, c M + m, i, j] = sum over a, e of X[n, c, i * subsample[0] + a, ...] D[m, c, a, e]
///     y[n, f, i, j] = activation(b[f] + sum over k of P[f, k] u[n, k, i, j])
///
/// `weights` are D (M, C, nb_row, nb_col), P (F, C M, 1, 1) and b (F,), F = nb_filter; with
/// dim_ordering "tf" D (nb_row, nb_col, C, M) and P (1, 1, C M, F). The config holds each
/// regularizer under its own name; Keras 1.2.2 writes one of them twice. (Chollet, "Xception: deep
/// learning with depthwise separable convolutions", CVPR 2017; Keras 1.2.2,
/// layers/convolutional.py)
class CORNU_API SeparableConvolution2D final
    : public ConfiguredLayer<SeparableConvolution2DOptions> {
 public:
  explicit SeparableConvolution2D(SeparableConvolution2DOptions options);

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
  double multiplications(std::span<const Shape> inputs) const override;
  static std::vector<LayerExample> examples();

 private:
  static constexpr ParameterSlot D{0, "depthwise_kernel"}, P{1, "pointwise_kernel"}, b{2, "b"};
  static constexpr CacheSlot z{0, "z"}, u{1, "u"};
  static constexpr WorkspaceSlot dz_{0, "dz"}, scratch_{1, "scratch"}, du_{2, "du"};
};

}  // namespace cornu
