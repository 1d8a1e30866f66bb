#pragma once

#include "cornu/layers/convolution/convolution_layer.hpp"

namespace cornu {

struct Convolution2DOptions {
  std::size_t nb_filter = 0;
  std::size_t nb_row = 0;
  std::size_t nb_col = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::vector<int> subsample = {1, 1};
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

/// Filters that move over a picture: with dim_ordering "th" (N, C, rows, columns) to
/// (N, F, rows', columns'), F = nb_filter; with "tf" the channels stand last.
///
///     y[n, f, i, j] = activation(b[f] + sum over c, a, e of
///                                P[n, c, i * subsample[0] + a, j * subsample[1] + e] W[f, c, a,
///                                e])
///
/// with P the padded input: the cross-correlation, as Keras over TensorFlow and all later
/// frameworks have it. `weights` are W (F, C, nb_row, nb_col), for "tf" (nb_row, nb_col, C, F), and
/// b (F,). Weights that were trained over Theano, which turns filters around, are brought by
/// `from_theano`. Throws ShapeError when the input is smaller than a "valid" filter. (Keras 1.0.3,
/// layers/convolutional.py)
class CORNU_API Convolution2D final : public detail::ConvolutionLayer<Convolution2DOptions> {
 public:
  explicit Convolution2D(Convolution2DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

}  // namespace cornu
