#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct MaskingOptions {
  double mask_value = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Marks the time steps of x (N, T, D) whose D numbers all equal mask_value: they become 0 in y,
/// and the mask that y carries, 0 for them and 1 for the others, keeps them out of the loss. The
/// layers on the way there must pass masks on. (Keras 1.0.3, layers/core.py)
class CORNU_API Masking final : public ConfiguredLayer<MaskingOptions> {
 public:
  explicit Masking(MaskingOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();
};

}  // namespace cornu
