#include "cornu/layers/parts/later_activations.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "cornu/kernels/elementwise/elementwise.hpp"

// Each formula is a struct with its value and `slope`, the derivative: of y = f(x) where y tells
// it, otherwise of x.

namespace cornu::detail {
namespace {

/// An activation whose derivative is known from y, which lets it work in place.
template <class Formula>
class KnownFromOutput final : public ActivationFunction {
 public:
  void forward(ConstView x, View y) const override {
    std::transform(x.data, x.data + y.size(), y.data, &Formula::value);
  }
  void backward(ConstView, ConstView y, ConstView dy, View dx) const override {
    for (std::size_t i = 0; i < dx.size(); ++i) dx.data[i] = dy.data[i] * Formula::slope(y.data[i]);
  }
};

/// An activation that falls before it rises: its backward reads x.
template <class Formula>
class KnownFromInput final : public ActivationFunction {
 public:
  bool reads_input() const override { return true; }
  void forward(ConstView x, View y) const override {
    std::transform(x.data, x.data + y.size(), y.data, &Formula::value);
  }
  void backward(ConstView x, ConstView, ConstView dy, View dx) const override {
    for (std::size_t i = 0; i < dx.size(); ++i) dx.data[i] = dy.data[i] * Formula::slope(x.data[i]);
  }
};

Scalar logistic(Scalar x) { return 1 / (1 + std::exp(-x)); }

struct Elu {
  static Scalar value(Scalar x) { return x > 0 ? x : std::expm1(x); }
  static Scalar slope(Scalar y) { return y > 0 ? 1 : y + 1; }
};

struct Selu {
  static constexpr Scalar alpha = static_cast<Scalar>(1.6732632423543772848170429916717);
  static constexpr Scalar scale = static_cast<Scalar>(1.0507009873554804934193349852946);
  static Scalar value(Scalar x) { return scale * (x > 0 ? x : alpha * std::expm1(x)); }
  static Scalar slope(Scalar y) { return y > 0 ? scale : y + scale * alpha; }
};

struct LeakyRelu {
  static constexpr Scalar below = static_cast<Scalar>(0.2);
  static Scalar value(Scalar x) { return x > 0 ? x : below * x; }
  static Scalar slope(Scalar y) { return y > 0 ? 1 : below; }
};

struct Relu6 {
  static Scalar value(Scalar x) { return std::clamp<Scalar>(x, 0, 6); }
  static Scalar slope(Scalar y) { return y > 0 && y < 6 ? 1 : 0; }
};

struct HardSigmoid3 {
  static Scalar value(Scalar x) { return std::clamp<Scalar>(x + 3, 0, 6) / 6; }
  static Scalar slope(Scalar y) { return y > 0 && y < 1 ? Scalar{1} / 6 : 0; }
};

/// With Φ the normal distribution and φ its density: f' = Φ + x φ.
struct Gelu {
  static Scalar distribution(Scalar x) { return std::erfc(-x / std::numbers::sqrt2_v<Scalar>) / 2; }
  static Scalar value(Scalar x) { return x * distribution(x); }
  static Scalar slope(Scalar x) {
    constexpr Scalar density_at_0 =
        std::numbers::inv_sqrtpi_v<Scalar> / std::numbers::sqrt2_v<Scalar>;
    return distribution(x) + x * density_at_0 * std::exp(-x * x / 2);
  }
};

/// f' = s + x s (1 - s) with s = sigmoid(x)
struct Swish {
  static Scalar value(Scalar x) { return x * logistic(x); }
  static Scalar slope(Scalar x) {
    const Scalar s = logistic(x);
    return s + x * s * (1 - s);
  }
};

/// f' = t + x (1 - t²) sigmoid(x) with t = tanh(softplus(x))
struct Mish {
  static Scalar inner(Scalar x) {
    return std::tanh(std::max<Scalar>(x, 0) + std::log1p(std::exp(-std::abs(x))));
  }
  static Scalar value(Scalar x) { return x * inner(x); }
  static Scalar slope(Scalar x) {
    const Scalar t = inner(x);
    return t + x * (1 - t * t) * logistic(x);
  }
};

/// dx = dy y
class Exponential final : public ActivationFunction {
 public:
  void forward(ConstView x, View y) const override { kernels::exp(x.data, y.data, y.size()); }
  void backward(ConstView, ConstView y, ConstView dy, View dx) const override {
    kernels::multiply(dy.data, y.data, dx.data, dx.size());
  }
};

}  // namespace

ActivationPtr elu() { return std::make_shared<KnownFromOutput<Elu>>(); }
ActivationPtr selu() { return std::make_shared<KnownFromOutput<Selu>>(); }
ActivationPtr gelu() { return std::make_shared<KnownFromInput<Gelu>>(); }
ActivationPtr swish() { return std::make_shared<KnownFromInput<Swish>>(); }
ActivationPtr mish() { return std::make_shared<KnownFromInput<Mish>>(); }
ActivationPtr exponential() { return std::make_shared<Exponential>(); }
ActivationPtr leaky_relu() { return std::make_shared<KnownFromOutput<LeakyRelu>>(); }
ActivationPtr relu6() { return std::make_shared<KnownFromOutput<Relu6>>(); }
ActivationPtr hard_sigmoid_3() { return std::make_shared<KnownFromOutput<HardSigmoid3>>(); }

}  // namespace cornu::detail
