#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct GRUOptions {
  std::size_t output_dim = 0;
  Initializer init = "glorot_uniform";
  Initializer inner_init = "orthogonal";
  ActivationName activation = "tanh";
  ActivationName inner_activation = "hard_sigmoid";
  Regularizer W_regularizer = {};
  Regularizer U_regularizer = {};
  Regularizer b_regularizer = {};
  double dropout_W = 0;
  double dropout_U = 0;
  std::vector<Tensor> weights = {};
  bool return_sequences = false;
  bool go_backwards = false;
  bool stateful = false;
  bool unroll = false;
  std::string consume_less = "cpu";
  std::size_t input_dim = 0;
  std::size_t input_length = 0;
  bool bias = true;
  bool reset_after = false;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// A gated recurrent unit: at each step, with σ = inner_activation and a = activation,
///
///     z = σ(x W_z + h₋ U_z + b_z)           how much of the old is kept
///     r = σ(x W_r + h₋ U_r + b_r)           how much of the old the candidate sees
///     ĥ = a(x W_h + (r h₋) U_h + b_h)       the candidate
///     h = z h₋ + (1 - z) ĥ
///
/// x (N, T, D), h (N, H) with H = output_dim, zero before the first step; y is h of the last step,
/// or (N, T, H) with return_sequences. `weights` are W_z, U_z, b_z, then those of r and h; with
/// consume_less = "gpu" W (D, 3 H), U, b with columns z, r, h. At masked steps h stays, and with it
/// the output. (Keras 1.0.3, layers/recurrent.py; Cho et al. 2014)
///
/// With `reset_after`, as later Keras, cuDNN and PyTorch compute it, r works after the product, and
/// that has biases c of its own, the last of each gate's weights:
/// z = σ(x W_z + b_z + h₋ U_z + c_z), r alike, ĥ = a(x W_h + b_h + r (h₋ U_h + c_h)).
class CORNU_API GRU final : public ConfiguredLayer<GRUOptions> {
 public:
  explicit GRU(GRUOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].front() * (inputs[0].back() + options_.output_dim) * 3 *
                               options_.output_dim);
  }
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
