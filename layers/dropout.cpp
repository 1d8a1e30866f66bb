#include "cornu/layers/dropout.hpp"

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/copy.hpp"
#include "cornu/layers/keep.hpp"

namespace cornu {

void DropoutOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "the probability of a number to be dropped");
}

Dropout::Dropout(DropoutOptions options) : ConfiguredLayer("Dropout", std::move(options)) {}

Traits Dropout::traits() const {
  const bool drops = options_.p > 0;
  return {.reads_input = false,
          .in_place = true,
          .random = drops,
          .training_differs = drops,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape Dropout::build(const Shape& input, Builder& builder) const {
  if (options_.p > 0) builder.cache(keep, input.size());
  return input;
}

void Dropout::forward(const Forward& run) const {
  if (!run.training || options_.p == 0) return detail::copy(run.x(), run.y);
  RandomStream random = run.random;
  detail::draw_keep(options_.p, random, run[keep]);
  kernels::multiply(run.x().data, run[keep].data(), run.y.data, run.y.size());
}

void Dropout::backward(const Backward& run) const {
  if (!run.dx()) return;
  if (options_.p == 0) return detail::copy(run.dy, run.dx());
  // dx = dy * keep
  kernels::multiply(run.dy.data, run[keep].data(), run.dx().data, run.dy.size());
}

std::vector<LayerExample> Dropout::examples() {
  return {{std::make_shared<Dropout>(DropoutOptions{.p = 0.4}), {Shape{5}}},
          {std::make_shared<Dropout>(DropoutOptions{.p = 0.5}), {Shape{2, 3}}},
          {std::make_shared<Dropout>(DropoutOptions{.p = 0}), {Shape{4}}}};
}

}  // namespace cornu
