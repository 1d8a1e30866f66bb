#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ReshapeOptions {
  std::vector<int> target_shape = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// (N, ...) becomes (N, target_shape...), row-major, with as many numbers. One of the target's
/// sizes may be -1: what is left over. (Keras 1.0.3, layers/core.py; the -1 that fails there works)
class CORNU_API Reshape final : public ConfiguredLayer<ReshapeOptions> {
 public:
  explicit Reshape(ReshapeOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
