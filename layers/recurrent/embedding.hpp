#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct EmbeddingOptions {
  std::size_t input_dim = 0;
  std::size_t output_dim = 0;
  Initializer init = "uniform";
  std::size_t input_length = 0;
  Regularizer W_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  bool mask_zero = false;
  std::vector<Tensor> weights = {};
  double dropout = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// A vector for each word: y[n, t, :] = W[x[n, t], :].
///
/// x (N, T), whole numbers from 0 to input_dim - 1; W (input_dim, output_dim); y (N, T,
/// output_dim). `input_length` is T; any when not given. With mask_zero the word 0 fills sequences
/// up: its steps are masked. `dropout` is the probability of a word to be dropped, in a whole
/// batch. No gradient reaches x. (Keras 1.0.3, layers/embeddings.py)
class CORNU_API Embedding final : public ConfiguredLayer<EmbeddingOptions> {
 public:
  explicit Embedding(EmbeddingOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivityRegularizer* activity_regularizer() const override {
    return options().activity_regularizer ? &options().activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return options().weights; }
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
