#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct LSTMOptions {
  std::size_t output_dim = 0;
  Initializer init = "glorot_uniform";
  Initializer inner_init = "orthogonal";
  Initializer forget_bias_init = "one";
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

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Long short-term memory: at each step t, with σ = inner_activation and a = activation,
///
///     i = σ(x W_i + h₋ U_i + b_i)    how much of the new is let in
///     f = σ(x W_f + h₋ U_f + b_f)    how much of the old is kept
///     o = σ(x W_o + h₋ U_o + b_o)    how much is shown
///     c = f c₋ + i a(x W_c + h₋ U_c + b_c)
///     h = o a(c)
///
/// x (N, T, D), h and c (N, H) with H = output_dim, zero before the first step; y is h of the last
/// step, or (N, T, H) with return_sequences. `weights` are W_i, U_i, b_i, then those of c, f and o;
/// with consume_less = "gpu" W (D, 4 H), U, b with columns i, f, c, o. b_f starts at one. At masked
/// steps h and c stay, and with them the output. (Keras 1.0.3, layers/recurrent.py; Hochreiter and
/// Schmidhuber 1997, Gers et al. 2000)
class CORNU_API LSTM final : public ConfiguredLayer<LSTMOptions> {
 public:
  explicit LSTM(LSTMOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].front() * (inputs[0].back() + options_.output_dim) * 4 *
                               options_.output_dim);
  }
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
