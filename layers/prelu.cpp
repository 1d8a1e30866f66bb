#include "cornu/layers/prelu.hpp"

#include <algorithm>

namespace cornu {

void PReLUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("init", init, "how the alphas start");
  fields.argument("weights", weights, "the alphas to start from, shaped like a sample");
}

PReLU::PReLU(PReLUOptions options) : ConfiguredLayer("PReLU", std::move(options)) {}

Traits PReLU::traits() const { return {.mask = MaskRule::pass}; }

Shape PReLU::build(const Shape& input, Builder& builder) const {
  builder.parameter(alphas, input, options_.init);
  return input;
}

void PReLU::forward(const Forward& run) const {
  const ConstArray alpha = run[alphas];
  const std::size_t size = alpha.size();
  for (std::size_t start = 0; start < run.y.size(); start += size) {
    const Scalar* const x = run.x().data + start;
    Scalar* const y = run.y.data + start;
    for (std::size_t j = 0; j < size; ++j) y[j] = x[j] > 0 ? x[j] : alpha[j] * x[j];
  }
}

void PReLU::backward(const Backward& run) const {
  const ConstArray alpha = run[alphas];
  const Array dalpha = run.gradient(alphas);
  const std::size_t size = alpha.size();
  for (std::size_t start = 0; start < run.dy.size(); start += size) {
    const Scalar *const x = run.x().data + start, *const dy = run.dy.data + start;
    // dalpha += dy * min(x, 0)
    for (std::size_t j = 0; j < dalpha.size(); ++j) dalpha[j] += dy[j] * std::min(x[j], Scalar{0});
    // dx = dy * (1 where x > 0, else alpha)
    if (!run.dx()) continue;
    Scalar* const dx = run.dx().data + start;
    for (std::size_t j = 0; j < size; ++j) dx[j] = x[j] > 0 ? dy[j] : alpha[j] * dy[j];
  }
}

std::vector<LayerExample> PReLU::examples() {
  return {{std::make_shared<PReLU>(), {Shape{4}}},
          {std::make_shared<PReLU>(PReLUOptions{.init = "uniform"}), {Shape{2, 3}}}};
}

}  // namespace cornu
