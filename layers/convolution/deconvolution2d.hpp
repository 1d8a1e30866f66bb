#pragma once

#include "cornu/kernels/windows/windows.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

struct Deconvolution2DOptions {
  std::size_t nb_filter = 0;
  std::size_t nb_row = 0;
  std::size_t nb_col = 0;
  Shape output_shape = {};  ///< with the samples' axis in front, 0 for any number of them
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

/// The transposed convolution: each number of the input puts a filter's picture, so many times,
/// into the larger output, where they add up. From (N, C, rows, columns) to output_shape (N, F,
/// rows', columns'), F = nb_filter:
///
///     y[n, f, i * subsample[0] + a - padding, ...] += x[n, c, i, j] W[f, c, a, e]
///
/// which is the way back through a Convolution2D from the output's size to the input's; the padding
/// is that convolution's. output_shape is given because several sizes lead to one. `weights` are
/// W (F, C, nb_row, nb_col), for "tf" (nb_row, nb_col, C, F), and b (F,). (Keras 1.2.2,
/// layers/convolutional.py)
class CORNU_API Deconvolution2D final : public ConfiguredLayer<Deconvolution2DOptions> {
 public:
  explicit Deconvolution2D(Deconvolution2DOptions options);

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
  /// The convolution that leads from the output to the input.
  kernels::Convolution way_back(const Shape& input) const;
};

}  // namespace cornu
