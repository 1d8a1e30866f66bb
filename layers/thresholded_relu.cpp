#include "cornu/layers/thresholded_relu.hpp"

namespace cornu {

void ThresholdedReLUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("theta", theta, Range::at_least(0), "what x must exceed");
}

ThresholdedReLU::ThresholdedReLU(ThresholdedReLUOptions options)
    : ConfiguredLayer("ThresholdedReLU", std::move(options)) {}

// theta is not negative, so y > 0 exactly where x > theta.
Traits ThresholdedReLU::traits() const {
  return {.reads_input = false,
          .reads_output = true,
          .in_place = true,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape ThresholdedReLU::build(const Shape& input, Builder&) const { return input; }

void ThresholdedReLU::forward(const Forward& run) const {
  const Scalar theta = static_cast<Scalar>(options_.theta);
  const Scalar* const x = run.x().data;
  for (std::size_t i = 0; i < run.y.size(); ++i) run.y.data[i] = x[i] > theta ? x[i] : 0;
}

void ThresholdedReLU::backward(const Backward& run) const {
  if (!run.dx()) return;
  const Scalar *const y = run.y.data, *const dy = run.dy.data;
  for (std::size_t i = 0; i < run.dy.size(); ++i) run.dx().data[i] = y[i] > 0 ? dy[i] : 0;
}

std::vector<LayerExample> ThresholdedReLU::examples() {
  std::vector<LayerExample> examples;
  for (const double theta : {1.0, 0.5, 0.0})
    examples.push_back(
        {std::make_shared<ThresholdedReLU>(ThresholdedReLUOptions{.theta = theta}), {{2, 4}}});
  return examples;
}

}  // namespace cornu
