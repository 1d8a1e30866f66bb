#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// What an activation computes, y = f(x), and its derivative. Stateless; shared by all users.
class CORNU_API ActivationFunction {
 public:
  virtual ~ActivationFunction() = default;

  /// Whether `backward` reads x. Cornu's own all get by with y, which lets them work in place.
  virtual bool reads_input() const { return false; }
  /// Throws ShapeError for sample shapes that f does not take (softmax: rank 1 and 2 only).
  virtual void check(const Shape& sample_shape) const;
  /// Writes every element of y (N, ...). y may be x unless `reads_input()`.
  virtual void forward(ConstView x, View y) const = 0;
  /// dx = dL/dx from dy = dL/dy. dx may be dy. `x` is null unless `reads_input()`.
  virtual void backward(ConstView x, ConstView y, ConstView dy, View dx) const = 0;
};

/// An activation chosen by name: `.activation = "relu"`. Keras 1.0.3's names: linear, relu, tanh,
/// sigmoid, hard_sigmoid, softplus, softsign, softmax (activations.py); and those of later Keras:
/// elu, selu, gelu, swish, mish, exponential, leaky_relu, relu6, hard_sigmoid_3.
class CORNU_API ActivationName final : public Choice {
 public:
  /// Throws ConfigError for an unknown name, with the nearest known one.
  ActivationName(const char* name) : ActivationName(std::string(name)) {}  // NOLINT
  ActivationName(const std::string& name);                                 // NOLINT

  const std::string& name() const noexcept { return name_; }
  const ActivationFunction& function() const noexcept { return *function_; }
  bool is_linear() const noexcept { return name_ == "linear"; }

  std::string_view kind() const override { return "activation"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  std::string name_;
  std::shared_ptr<const ActivationFunction> function_;
};

/// Adds an activation found by name everywhere. Throws ConfigError when the name is taken.
CORNU_API void register_activation(const std::string& name,
                                   std::shared_ptr<const ActivationFunction> function);
CORNU_API std::vector<std::string> activation_names();

}  // namespace cornu
