#include "cornu/layers/elu.hpp"

#include <cmath>

namespace cornu {

void ELUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("alpha", alpha, Range::at_least(0), "how far y goes below 0");
}

ELU::ELU(ELUOptions options) : ConfiguredLayer("ELU", std::move(options)) {}

Traits ELU::traits() const {
  return {.reads_input = false,
          .reads_output = true,
          .in_place = true,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape ELU::build(const Shape& input, Builder&) const { return input; }

void ELU::forward(const Forward& run) const {
  const Scalar alpha = static_cast<Scalar>(options_.alpha);
  const Scalar* const x = run.x().data;
  for (std::size_t i = 0; i < run.y.size(); ++i)
    run.y.data[i] = x[i] > 0 ? x[i] : alpha * std::expm1(x[i]);
}

void ELU::backward(const Backward& run) const {
  if (!run.dx()) return;
  const Scalar alpha = static_cast<Scalar>(options_.alpha);
  const Scalar *const y = run.y.data, *const dy = run.dy.data;
  // d/dx alpha (exp(x) - 1) = alpha exp(x) = y + alpha
  for (std::size_t i = 0; i < run.dy.size(); ++i)
    run.dx().data[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha);
}

std::vector<LayerExample> ELU::examples() {
  std::vector<LayerExample> examples;
  for (const double alpha : {1.0, 0.5, 0.0})
    examples.push_back({std::make_shared<ELU>(ELUOptions{.alpha = alpha}), {{2, 3}}});
  return examples;
}

}  // namespace cornu
