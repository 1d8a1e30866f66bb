#pragma once

#include "cornu/layers/convolution/convolution_layer.hpp"

namespace cornu {

struct AtrousConvolution1DOptions {
  std::size_t nb_filter = 0;
  std::size_t filter_length = 0;
  Initializer init = "uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::size_t subsample_length = 1;
  std::size_t atrous_rate = 1;
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

/// Convolution1D whose taps stand atrous_rate steps apart: a longer view for the same number of
/// weights. (Keras 1.2.2, layers/convolutional.py)
class CORNU_API AtrousConvolution1D final
    : public detail::ConvolutionLayer<AtrousConvolution1DOptions> {
 public:
  explicit AtrousConvolution1D(AtrousConvolution1DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

struct AtrousConvolution2DOptions {
  std::size_t nb_filter = 0;
  std::size_t nb_row = 0;
  std::size_t nb_col = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::vector<int> subsample = {1, 1};
  std::vector<int> atrous_rate = {1, 1};
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

/// Convolution2D whose taps stand atrous_rate places apart; "same" pads for the spread window of
/// (k - 1) * rate + 1 places. (Yu and Koltun, "Multi-scale context aggregation by dilated
/// convolutions", ICLR 2016; Keras 1.2.2, layers/convolutional.py)
class CORNU_API AtrousConvolution2D final
    : public detail::ConvolutionLayer<AtrousConvolution2DOptions> {
 public:
  explicit AtrousConvolution2D(AtrousConvolution2DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

}  // namespace cornu
