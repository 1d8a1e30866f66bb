#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct DropoutOptions {
  double p = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Training: each number is set to 0 with probability p and divided by 1 - p otherwise, so that its
/// expectation stays. Testing: y = x. Any shape; masks pass through.
///
///     y = x * keep,   keep = 0 with probability p, else 1 / (1 - p)
///
/// p is in [0, 1). (Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
/// Overfitting", JMLR 2014; Keras 1.0.3, layers/core.py)
class CORNU_API Dropout final : public ConfiguredLayer<DropoutOptions> {
 public:
  explicit Dropout(DropoutOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  static constexpr CacheSlot keep{0, "keep"};
};

}  // namespace cornu
