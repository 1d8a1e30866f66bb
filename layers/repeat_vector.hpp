#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct RepeatVectorOptions {
  std::size_t n = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// (N, D) becomes (N, n, D): each sample n times. (Keras 1.0.3, layers/core.py)
class CORNU_API RepeatVector final : public ConfiguredLayer<RepeatVectorOptions> {
 public:
  explicit RepeatVector(RepeatVectorOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
