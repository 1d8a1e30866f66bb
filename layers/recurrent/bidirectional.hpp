#pragma once

#include "cornu/layers/layer.hpp"
#include "cornu/layers/time_distributed.hpp"

namespace cornu {

struct BidirectionalOptions {
  WrappedLayer layer = {};
  std::string merge_mode = "concat";
  std::vector<Tensor> weights = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// A recurrent layer that reads the sequence, and a second of its kind, with weights of its own,
/// that reads it from the end: y joins what both make of each step, by merge_mode "concat", "sum",
/// "mul" or "ave". With return_sequences the second's outputs are put back into the order of time
/// first; without, y (N, ...) joins the last outputs of each.
///
///     Bidirectional({.layer = layer<LSTM>({.output_dim = 6, .return_sequences = true})})
///
/// x (N, T, D); y (N, T, H) or (N, H), twice as wide with "concat". The weights are all of the
/// first, then all of the second; masks reach both. (Keras 1.0.8, layers/wrappers.py)
class CORNU_API Bidirectional final : public ConfiguredLayer<BidirectionalOptions> {
 public:
  explicit Bidirectional(BidirectionalOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override;

  std::vector<Tensor> initial_weights() const override { return options().weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return 2 * options_.layer->multiplications(inputs);
  }
  static std::vector<LayerExample> examples();

 private:
  LayerPtr backward_;  ///< reads from the end
  bool sequences_ = false;
};

}  // namespace cornu
