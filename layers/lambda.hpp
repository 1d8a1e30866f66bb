#pragma once

#include <functional>

#include "cornu/layers/layer.hpp"

namespace cornu {

/// A function and its derivative for a Lambda layer. N is the number of samples.
struct LambdaFunction {
  /// Writes every element of y (N, ...) from x (N, ...).
  std::function<void(ConstView x, View y)> forward;
  /// Assigns dx = dL/dx from dy = dL/dy.
  std::function<void(ConstView x, ConstView y, ConstView dy, View dx)> backward;
  /// The sample shape of y for that of x; empty: the same.
  std::function<Shape(const Shape& input)> output_shape = {};
};

/// Makes a function known to Lambda layers by name, those of files included. Throws ConfigError
/// when the name is taken or a function is missing.
CORNU_API void register_lambda(const std::string& name, LambdaFunction function);
CORNU_API std::vector<std::string> lambda_names();

struct LambdaOptions {
  std::string function = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = f(x) for a function without weights, known by the name under which `register_lambda` has it:
/// so a model with a Lambda saves, and loads in any program that registers the same name. (Keras
/// 1.0.3, layers/core.py, saves Python byte code instead.)
class CORNU_API Lambda final : public ConfiguredLayer<LambdaOptions> {
 public:
  /// Throws ConfigError for an unknown name, with the nearest known one.
  explicit Lambda(LambdaOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  LambdaFunction function_;
};

}  // namespace cornu
