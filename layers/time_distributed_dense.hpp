#pragma once

#include "cornu/layers/affine_layer.hpp"

namespace cornu {

struct TimeDistributedDenseOptions {
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
  std::size_t input_length = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

extern template class CORNU_API AffineLayer<TimeDistributedDenseOptions>;

/// A Dense layer at each time step, with the same weights: y_t = activation(x_t W + b).
///
/// x (N, T, D), W (D, M), b (M,), y (N, T, M) with M = output_dim; masks pass through. `weights`
/// are W and b; b starts at zero. `input_length` and `input_dim` together are the input shape (T,
/// D). (Keras 1.0.3, layers/core.py)
class CORNU_API TimeDistributedDense final : public AffineLayer<TimeDistributedDenseOptions> {
 public:
  explicit TimeDistributedDense(TimeDistributedDenseOptions options);

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
