#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ReLUOptions {
  double max_value = 0;  ///< 0: none
  double negative_slope = 0;
  double threshold = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// The rectifier with all that later Keras gives it (Keras 3, layers/activations/relu.py):
///
///     y = max_value                         where x >= max_value
///     y = x                                 where threshold <= x < max_value
///     y = negative_slope * (x - threshold)  where x < threshold
///
/// Any shape; masks pass through. Throws ConfigError for a max_value below the threshold.
class CORNU_API ReLU final : public ConfiguredLayer<ReLUOptions> {
 public:
  explicit ReLU(ReLUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  Scalar most_, slope_, threshold_;
};

}  // namespace cornu
