#include "cornu/layers/leaky_relu.hpp"

namespace cornu {

void LeakyReLUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("alpha", alpha, Range::any(), "the slope below 0");
}

LeakyReLU::LeakyReLU(LeakyReLUOptions options) : ConfiguredLayer("LeakyReLU", std::move(options)) {}

// With a slope that is not negative, y > 0 exactly where x > 0.
Traits LeakyReLU::traits() const {
  const bool by_output = options_.alpha >= 0;
  return {.reads_input = !by_output,
          .reads_output = by_output,
          .in_place = by_output,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape LeakyReLU::build(const Shape& input, Builder&) const { return input; }

void LeakyReLU::forward(const Forward& run) const {
  const Scalar alpha = static_cast<Scalar>(options_.alpha);
  const Scalar* const x = run.x().data;
  for (std::size_t i = 0; i < run.y.size(); ++i) run.y.data[i] = x[i] > 0 ? x[i] : alpha * x[i];
}

void LeakyReLU::backward(const Backward& run) const {
  if (!run.dx()) return;
  const Scalar alpha = static_cast<Scalar>(options_.alpha);
  const Scalar* const side = options_.alpha >= 0 ? run.y.data : run.x().data;
  const Scalar* const dy = run.dy.data;
  for (std::size_t i = 0; i < run.dy.size(); ++i)
    run.dx().data[i] = side[i] > 0 ? dy[i] : alpha * dy[i];
}

std::vector<LayerExample> LeakyReLU::examples() {
  std::vector<LayerExample> examples;
  for (const double alpha : {0.3, 0.0, -1.0})
    examples.push_back({std::make_shared<LeakyReLU>(LeakyReLUOptions{.alpha = alpha}), {{2, 3}}});
  return examples;
}

}  // namespace cornu
