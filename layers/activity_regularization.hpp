#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ActivityRegularizationOptions {
  double l1 = 0;
  double l2 = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = x, with a penalty on it in training losses: the sum over the elements of a sample of
/// l1 * mean |y| + l2 * mean y^2, means over the batch. Any shape; masks pass through.
/// (Keras 1.0.3, layers/core.py, where an oversight leaves it without effect; here it has one)
class CORNU_API ActivityRegularization final
    : public ConfiguredLayer<ActivityRegularizationOptions> {
 public:
  explicit ActivityRegularization(ActivityRegularizationOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  const ActivityRegularizer* activity_regularizer() const override { return &penalty_; }

  static std::vector<LayerExample> examples();

 private:
  ActivityRegularizer penalty_;
};

}  // namespace cornu
