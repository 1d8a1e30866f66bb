#pragma once

#include "cornu/layers/convolution/convolution_layer.hpp"

namespace cornu {

struct Convolution1DOptions {
  std::size_t nb_filter = 0;
  std::size_t filter_length = 0;
  Initializer init = "uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::size_t subsample_length = 1;
  Regularizer W_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;
  std::size_t input_dim = 0;
  std::size_t input_length = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Filters that move along the steps of a signal: (N, steps, C) to (N, steps', F), F = nb_filter.
///
///     y[n, i, f] = activation(b[f] + sum over c, t of x[n, i * subsample_length + t - padding, c]
///     W[f, c, t, 0])
///
/// `weights` are W (F, C, filter_length, 1), as Keras 1 stores it, and b (F,). border_mode "valid",
/// "same", or "causal", by which no output sees later steps. Throws ShapeError when the input is
/// shorter than a "valid" filter. (Keras 1.0.3, layers/convolutional.py, over TensorFlow)
class CORNU_API Convolution1D final : public detail::ConvolutionLayer<Convolution1DOptions> {
 public:
  explicit Convolution1D(Convolution1DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

}  // namespace cornu
