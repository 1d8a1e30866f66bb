// The modes of Merge whose inputs have equal shapes and are joined element by element. Where nobody
// needs an input's gradient, dx has size 0.

#include <algorithm>
#include <functional>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/merging/mode.hpp"

namespace cornu::detail {
namespace {

class ElementWiseMode : public MergeMode {
 public:
  explicit ElementWiseMode(std::string name) : name_(std::move(name)) {}

  Shape build(std::span<const Shape> inputs, const std::string& place) const override {
    for (const Shape& shape : inputs)
      if (!(shape == inputs[0]))
        throw ShapeError(place, "mode '" + name_ + "' expects inputs of equal shapes, got " +
                                    inputs[0].to_string_with_samples() + " and " +
                                    shape.to_string_with_samples());
    return inputs[0];
  }

 private:
  std::string name_;
};

void add_up(std::span<const ConstView> inputs, const View& y) {
  std::copy_n(inputs[0].data, y.size(), y.data);
  for (const ConstView& x : inputs.subspan(1)) kernels::add(y.data, x.data, y.data, y.size());
}

/// y = Σ x_i
class Sum final : public ElementWiseMode {
 public:
  using ElementWiseMode::ElementWiseMode;
  bool reads_input() const override { return false; }
  void forward(const Forward& run) const override { add_up(run.inputs, run.y); }
  // dx_i = dy
  void backward(const Backward& run) const override {
    for (const View& dx : run.dinputs) std::copy_n(run.dy.data, dx.size(), dx.data);
  }
};

/// y = 1/n Σ x_i
class Average final : public ElementWiseMode {
 public:
  using ElementWiseMode::ElementWiseMode;
  bool reads_input() const override { return false; }
  void forward(const Forward& run) const override {
    add_up(run.inputs, run.y);
    const Scalar n = static_cast<Scalar>(run.inputs.size());
    for (Scalar& value : run.y.array()) value /= n;
  }
  // dx_i = dy / n
  void backward(const Backward& run) const override {
    const Scalar n = static_cast<Scalar>(run.inputs.size());
    for (const View& dx : run.dinputs)
      std::transform(run.dy.data, run.dy.data + dx.size(), dx.data,
                     [n](Scalar dy) { return dy / n; });
  }
};

/// y = x_0 - x_1
class Difference final : public ElementWiseMode {
 public:
  using ElementWiseMode::ElementWiseMode;
  bool reads_input() const override { return false; }
  Shape build(std::span<const Shape> inputs, const std::string& place) const override {
    if (inputs.size() != 2)
      throw ShapeError(place,
                       "mode 'subtract' expects two inputs, got " + std::to_string(inputs.size()));
    return ElementWiseMode::build(inputs, place);
  }
  void forward(const Forward& run) const override {
    std::transform(run.inputs[0].data, run.inputs[0].data + run.y.size(), run.inputs[1].data,
                   run.y.data, std::minus<Scalar>());
  }
  // dx_0 = dy, dx_1 = -dy
  void backward(const Backward& run) const override {
    const View &dx_0 = run.dinputs[0], &dx_1 = run.dinputs[1];
    std::copy_n(run.dy.data, dx_0.size(), dx_0.data);
    std::transform(run.dy.data, run.dy.data + dx_1.size(), dx_1.data, std::negate<Scalar>());
  }
};

/// y = Π x_i
class Product final : public ElementWiseMode {
 public:
  using ElementWiseMode::ElementWiseMode;
  bool reads_input() const override { return true; }
  void forward(const Forward& run) const override {
    std::copy_n(run.x().data, run.y.size(), run.y.data);
    for (const ConstView& x : run.inputs.subspan(1))
      kernels::multiply(run.y.data, x.data, run.y.data, run.y.size());
  }
  // dx_i = dy times the product of the others
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.inputs.size(); ++i) {
      const View& dx = run.dinputs[i];
      std::copy_n(run.dy.data, dx.size(), dx.data);
      for (std::size_t j = 0; j < run.inputs.size(); ++j)
        if (j != i) kernels::multiply(dx.data, run.inputs[j].data, dx.data, dx.size());
    }
  }
};

/// y = the first of the x_i before which, by `Before`, stands no other: the largest or the
/// smallest.
template <class Before>
class Extreme final : public ElementWiseMode {
 public:
  using ElementWiseMode::ElementWiseMode;
  bool reads_input() const override { return true; }
  void forward(const Forward& run) const override {
    std::copy_n(run.x().data, run.y.size(), run.y.data);
    for (const ConstView& x : run.inputs.subspan(1))
      std::transform(run.y.data, run.y.data + run.y.size(), x.data, run.y.data,
                     [](Scalar y, Scalar x_i) { return Before()(x_i, y) ? x_i : y; });
  }
  // dy goes to the one that became y, of equal ones to the first
  void backward(const Backward& run) const override {
    for (std::size_t i = 0; i < run.inputs.size(); ++i) {
      const View& dx = run.dinputs[i];
      const Scalar* const mine = run.inputs[i].data;
      std::copy_n(run.dy.data, dx.size(), dx.data);
      for (std::size_t j = 0; j < run.inputs.size(); ++j) {
        const Scalar* const other = run.inputs[j].data;
        for (std::size_t e = 0; j != i && e < dx.size(); ++e)
          if (Before()(other[e], mine[e]) || (other[e] == mine[e] && j < i)) dx.data[e] = 0;
      }
    }
  }
};

}  // namespace

MergeModePtr elementwise_mode(const std::string& name) {
  if (name == "sum") return std::make_unique<Sum>(name);
  if (name == "subtract") return std::make_unique<Difference>(name);
  if (name == "mul") return std::make_unique<Product>(name);
  if (name == "ave") return std::make_unique<Average>(name);
  if (name == "max") return std::make_unique<Extreme<std::greater<Scalar>>>(name);
  if (name == "minimum") return std::make_unique<Extreme<std::less<Scalar>>>(name);
  return nullptr;
}

}  // namespace cornu::detail
