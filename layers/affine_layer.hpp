#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

/// Which inputs an affine layer takes.
struct AffineRule {
  std::size_t rank;  ///< of a sample
  const char* form;  ///< the same in words
  const char* help;  ///< for inputs of another rank
  MaskRule mask;
};

/// y = activation(x W + b) over the last axis, all others being rows: what Dense and
/// TimeDistributedDense have in common. They differ in their rule.
template <class O>
class CORNU_API AffineLayer : public ConfiguredLayer<O> {
 public:
  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  const ActivationName* output_activation() const override { return &options_.activation; }
  const ActivityRegularizer* activity_regularizer() const override {
    return options_.activity_regularizer ? &options_.activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return options_.weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return static_cast<double>(inputs[0].size() * options_.output_dim);
  }

 protected:
  AffineLayer(const char* class_name, O options, AffineRule rule)
      : ConfiguredLayer<O>(class_name, std::move(options)), rule_(rule) {}

 private:
  using ConfiguredLayer<O>::options_;
  static constexpr ParameterSlot W{0, "W"}, b{1, "b"};
  AffineRule rule_;
};

}  // namespace cornu
