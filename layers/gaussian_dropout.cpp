#include "cornu/layers/gaussian_dropout.hpp"

#include <cmath>

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/copy.hpp"

namespace cornu {

void GaussianDropoutOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "as Dropout's; gives the noise's width");
}

GaussianDropout::GaussianDropout(GaussianDropoutOptions options)
    : ConfiguredLayer("GaussianDropout", std::move(options)) {}

Traits GaussianDropout::traits() const {
  const bool noisy = options_.p > 0;
  return {.reads_input = false,
          .in_place = true,
          .random = noisy,
          .training_differs = noisy,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape GaussianDropout::build(const Shape& input, Builder& builder) const {
  if (options_.p > 0) builder.cache(factors, input.size());
  return input;
}

void GaussianDropout::forward(const Forward& run) const {
  if (!run.training || options_.p == 0) return detail::copy(run.x(), run.y);
  RandomStream random = run.random;
  random.fill_normal(run[factors], 1,
                     static_cast<Scalar>(std::sqrt(options_.p / (1 - options_.p))));
  kernels::multiply(run.x().data, run[factors].data(), run.y.data, run.y.size());
}

void GaussianDropout::backward(const Backward& run) const {
  if (!run.dx()) return;
  if (options_.p == 0) return detail::copy(run.dy, run.dx());
  // dx = dy * factor
  kernels::multiply(run.dy.data, run[factors].data(), run.dx().data, run.dy.size());
}

std::vector<LayerExample> GaussianDropout::examples() {
  return {{std::make_shared<GaussianDropout>(GaussianDropoutOptions{.p = 0.3}), {Shape{5}}},
          {std::make_shared<GaussianDropout>(GaussianDropoutOptions{.p = 0}), {Shape{2, 3}}}};
}

}  // namespace cornu
