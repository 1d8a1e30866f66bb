#include "cornu/layers/relu.hpp"

#include <limits>

#include "cornu/core/error.hpp"

namespace cornu {

void ReLUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.optional("max_value", max_value, "y is never more");
  fields.field("negative_slope", negative_slope, Range::at_least(0), "the slope below threshold");
  fields.field("threshold", threshold, Range::at_least(0), "from where y is x");
}

ReLU::ReLU(ReLUOptions options) : ConfiguredLayer("ReLU", std::move(options)) {
  if (options_.max_value != 0 && !(options_.max_value > options_.threshold))
    throw ConfigError(place(), "expected a max_value above the threshold " +
                                   std::to_string(options_.threshold) + ", got " +
                                   std::to_string(options_.max_value));
  most_ = options_.max_value == 0 ? std::numeric_limits<Scalar>::infinity()
                                  : static_cast<Scalar>(options_.max_value);
  slope_ = static_cast<Scalar>(options_.negative_slope);
  threshold_ = static_cast<Scalar>(options_.threshold);
}

Traits ReLU::traits() const {
  return {.reads_input = true, .mask = MaskRule::pass, .causal = true};
}

Shape ReLU::build(const Shape& input, Builder&) const { return input; }

void ReLU::forward(const Forward& run) const {
  const Scalar* const x = run.x().data;
  for (std::size_t i = 0; i < run.y.size(); ++i)
    run.y.data[i] = x[i] >= most_        ? most_
                    : x[i] >= threshold_ ? x[i]
                                         : slope_ * (x[i] - threshold_);
}

void ReLU::backward(const Backward& run) const {
  const Scalar *const x = run.x().data, *const dy = run.dy.data;
  for (std::size_t i = 0; i < run.dx().size(); ++i)
    run.dx().data[i] = x[i] >= most_ ? 0 : x[i] >= threshold_ ? dy[i] : slope_ * dy[i];
}

std::vector<LayerExample> ReLU::examples() {
  const auto example = [](ReLUOptions options) -> LayerExample {
    return {std::make_shared<ReLU>(std::move(options)), {{2, 3}}};
  };
  return {example({}), example({.max_value = 0.5}), example({.negative_slope = 0.1}),
          example({.max_value = 1, .negative_slope = 0.2, .threshold = 0.25})};
}

}  // namespace cornu
