#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct FlattenOptions {
  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// (N, a, b, ...) becomes (N, a * b * ...), row-major. The input has at least three axes, N
/// included. (Keras 1.0.3, layers/core.py)
class CORNU_API Flatten final : public ConfiguredLayer<FlattenOptions> {
 public:
  explicit Flatten(FlattenOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
