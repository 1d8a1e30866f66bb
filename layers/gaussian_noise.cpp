#include "cornu/layers/gaussian_noise.hpp"

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/copy.hpp"

namespace cornu {

void GaussianNoiseOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("sigma", sigma, Range::at_least(0), "the standard deviation of the noise");
}

GaussianNoise::GaussianNoise(GaussianNoiseOptions options)
    : ConfiguredLayer("GaussianNoise", std::move(options)) {}

Traits GaussianNoise::traits() const {
  return {.reads_input = false,
          .in_place = true,
          .random = true,
          .training_differs = true,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape GaussianNoise::build(const Shape& input, Builder& builder) const {
  builder.workspace(noise, input.size());
  return input;
}

void GaussianNoise::forward(const Forward& run) const {
  if (!run.training) return detail::copy(run.x(), run.y);
  RandomStream random = run.random;
  random.fill_normal(run[noise], 0, static_cast<Scalar>(options_.sigma));
  kernels::add(run.x().data, run[noise].data(), run.y.data, run.y.size());
}

void GaussianNoise::backward(const Backward& run) const {
  if (run.dx()) detail::copy(run.dy, run.dx());
}

std::vector<LayerExample> GaussianNoise::examples() {
  return {{std::make_shared<GaussianNoise>(GaussianNoiseOptions{.sigma = 0.5}), {Shape{5}}},
          {std::make_shared<GaussianNoise>(GaussianNoiseOptions{.sigma = 1}), {Shape{2, 3}}}};
}

}  // namespace cornu
