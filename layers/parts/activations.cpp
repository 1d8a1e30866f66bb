#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "cornu/layers/builtins.hpp"
#include "cornu/layers/parts/activation_function.hpp"
#include "cornu/layers/parts/later_activations.hpp"

// The formulas of the first eight are those of Keras 1.0.3, activations.py; kernels/elementwise/
// has the loops. The others are those of Keras 3, activations/activations.py.

namespace cornu::detail {
namespace {

using Function = void (*)(const Scalar* x, Scalar* y, std::size_t n);
using Derivative = void (*)(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);

/// An activation that treats each element alone and whose derivative is known from y.
class ElementWise final : public ActivationFunction {
 public:
  ElementWise(Function function, Derivative derivative)
      : function_(function), derivative_(derivative) {}

  void forward(ConstView x, View y) const override { function_(x.data, y.data, y.size()); }
  void backward(ConstView, ConstView y, ConstView dy, View dx) const override {
    derivative_(y.data, dy.data, dx.data, dx.size());
  }

 private:
  Function function_;
  Derivative derivative_;
};

void copy(const Scalar* from, Scalar* to, std::size_t n) {
  if (from != to) std::copy(from, from + n, to);
}

/// y = x
class Linear final : public ActivationFunction {
 public:
  void forward(ConstView x, View y) const override { copy(x.data, y.data, y.size()); }
  void backward(ConstView, ConstView, ConstView dy, View dx) const override {
    copy(dy.data, dx.data, dx.size());
  }
};

/// y_j = exp(x_j) / sum over k of exp(x_k), over the last axis.
class Softmax final : public ActivationFunction {
 public:
  void check(const Shape& sample_shape) const override {
    if (sample_shape.rank() != 1 && sample_shape.rank() != 2)
      throw ShapeError(
          "softmax",
          "expected an input (N, D) or (N, T, D), got " + sample_shape.to_string_with_samples(),
          "flatten or reshape it first");
  }
  void forward(ConstView x, View y) const override {
    kernels::softmax(x.data, y.data, y.shape.rows(), y.shape.back());
  }
  void backward(ConstView, ConstView y, ConstView dy, View dx) const override {
    kernels::softmax_backward(y.data, dy.data, dx.data, y.shape.rows(), y.shape.back());
  }
};

template <class Activation, class... Arguments>
std::shared_ptr<const ActivationFunction> make(Arguments... arguments) {
  return std::make_shared<const Activation>(arguments...);
}

}  // namespace

std::vector<std::pair<std::string, std::shared_ptr<const ActivationFunction>>>
builtin_activations() {
  return {
      // y = x
      {"linear", make<Linear>()},
      // y = max(x, 0)
      {"relu", make<ElementWise>(kernels::relu, kernels::relu_backward)},
      // y = tanh(x)
      {"tanh", make<ElementWise>(kernels::tanh, kernels::tanh_backward)},
      // y = 1 / (1 + exp(-x))
      {"sigmoid", make<ElementWise>(kernels::sigmoid, kernels::sigmoid_backward)},
      // y = clip(0.2 x + 0.5, 0, 1)
      {"hard_sigmoid", make<ElementWise>(kernels::hard_sigmoid, kernels::hard_sigmoid_backward)},
      // y = log(1 + exp(x))
      {"softplus", make<ElementWise>(kernels::softplus, kernels::softplus_backward)},
      // y = x / (1 + |x|)
      {"softsign", make<ElementWise>(kernels::softsign, kernels::softsign_backward)},
      // y_j = exp(x_j) / sum over k of exp(x_k), over the last axis of (N, D) or (N, T, D)
      {"softmax", make<Softmax>()},
      // y = x where x > 0, else exp(x) - 1; the layer ELU has an alpha
      {"elu", elu()},
      // y = 1.05070098735548 x where x > 0, else 1.05070098735548 * 1.67326324235438 (exp(x) - 1)
      // (Klambauer et al., "Self-Normalizing Neural Networks", 2017)
      {"selu", selu()},
      // y = x Φ(x) with the normal distribution Φ: exact, with the error function
      // (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016)
      {"gelu", gelu()},
      // y = x sigmoid(x), also named SiLU
      // (Ramachandran et al., "Searching for Activation Functions", 2017)
      {"swish", swish()},
      // y = x tanh(log(1 + exp(x)))
      // (Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", 2019)
      {"mish", mish()},
      // y = exp(x)
      {"exponential", exponential()},
      // y = x where x > 0, else 0.2 x, as Keras 3's; the layer LeakyReLU has a slope of its own
      {"leaky_relu", leaky_relu()},
      // y = clip(x, 0, 6)
      {"relu6", relu6()},
      // y = clip(x / 6 + 0.5, 0, 1): what Keras 3 calls hard_sigmoid
      {"hard_sigmoid_3", hard_sigmoid_3()},
  };
}

}  // namespace cornu::detail
