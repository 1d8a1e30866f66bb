#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct PermuteOptions {
  std::vector<int> dims = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Reorders the axes: axis i of y is axis dims[i] of x, counted from 1 without the samples' axis.
/// Permute({2, 1}) makes (N, B, A) of (N, A, B). (Keras 1.0.3, layers/core.py)
class CORNU_API Permute final : public ConfiguredLayer<PermuteOptions> {
 public:
  explicit Permute(PermuteOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  void move(ConstView from, View to, bool back) const;
};

}  // namespace cornu
