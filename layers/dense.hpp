#pragma once

#include "cornu/layers/affine_layer.hpp"

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

extern template class CORNU_API AffineLayer<DenseOptions>;

/// y = activation(x W + b): every output sees every input.
///
/// x (N, D), W (D, M), b (M,), y (N, M) with M = output_dim. `weights` are W and b; b starts at
/// zero. (Keras 1.0.3, layers/core.py)
class CORNU_API Dense final : public AffineLayer<DenseOptions> {
 public:
  explicit Dense(DenseOptions options);

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
