#pragma once

#include "cornu/layers/convolution/convolution_layer.hpp"

namespace cornu {

struct Convolution3DOptions {
  std::size_t nb_filter = 0;
  std::size_t kernel_dim1 = 0;
  std::size_t kernel_dim2 = 0;
  std::size_t kernel_dim3 = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::vector<int> subsample = {1, 1, 1};
  std::string dim_ordering = "th";
  Regularizer W_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Filters that move through a volume: with dim_ordering "th" (N, C, d1, d2, d3) to
/// (N, F, d1', d2', d3'), F = nb_filter; with "tf" the channels stand last. What Convolution2D
/// computes, with one more axis. `weights` are W (F, C, k1, k2, k3), for "tf" (k1, k2, k3, C, F),
/// and b (F,). (Keras 1.0.3, layers/convolutional.py)
class CORNU_API Convolution3D final : public detail::ConvolutionLayer<Convolution3DOptions> {
 public:
  explicit Convolution3D(Convolution3DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

}  // namespace cornu
