#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct SimpleRNNOptions {
  std::size_t output_dim = 0;
  Initializer init = "glorot_uniform";
  Initializer inner_init = "orthogonal";
  ActivationName activation = "tanh";
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

/// h = a(x W + h₋ U + b) at each step, with a = activation.
///
/// x (N, T, D), h (N, H) with H = output_dim, zero before the first step; y is h of the last step,
/// or (N, T, H) with return_sequences. `weights` are W (D, H), U (H, H), b (H,). At masked steps h
/// stays, and with it the output. (Keras 1.0.3, layers/recurrent.py; Elman 1990)
class CORNU_API SimpleRNN final : public ConfiguredLayer<SimpleRNNOptions> {
 public:
  explicit SimpleRNN(SimpleRNNOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].front() * (inputs[0].back() + options_.output_dim) *
                               options_.output_dim);
  }
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
