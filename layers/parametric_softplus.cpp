#include "cornu/layers/parametric_softplus.hpp"

#include <algorithm>
#include <cmath>

namespace cornu {
namespace {

/// log(1 + exp(z)) without overflow.
Scalar softplus(Scalar z) { return std::max(z, Scalar{0}) + std::log1p(std::exp(-std::abs(z))); }

/// Its derivative, 1 / (1 + exp(-z)).
Scalar sigmoid(Scalar z) { return 1 / (1 + std::exp(-z)); }

}  // namespace

void ParametricSoftplusOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("alpha_init", alpha_init, Range::any(), "where the alphas start");
  fields.field("beta_init", beta_init, Range::any(), "where the betas start");
  fields.argument("weights", weights, "alphas and betas to start from, shaped like a sample");
}

ParametricSoftplus::ParametricSoftplus(ParametricSoftplusOptions options)
    : ConfiguredLayer("ParametricSoftplus", std::move(options)) {}

Traits ParametricSoftplus::traits() const { return {.mask = MaskRule::pass}; }

Shape ParametricSoftplus::build(const Shape& input, Builder& builder) const {
  builder.parameter(alphas, input, detail::constant_initializer(options_.alpha_init));
  builder.parameter(betas, input, detail::constant_initializer(options_.beta_init));
  return input;
}

void ParametricSoftplus::forward(const Forward& run) const {
  const ConstArray alpha = run[alphas], beta = run[betas];
  const std::size_t size = alpha.size();
  for (std::size_t start = 0; start < run.y.size(); start += size) {
    const Scalar* const x = run.x().data + start;
    Scalar* const y = run.y.data + start;
    for (std::size_t j = 0; j < size; ++j) y[j] = alpha[j] * softplus(beta[j] * x[j]);
  }
}

void ParametricSoftplus::backward(const Backward& run) const {
  const ConstArray alpha = run[alphas], beta = run[betas];
  const Array dalpha = run.gradient(alphas), dbeta = run.gradient(betas);
  const std::size_t size = alpha.size();
  for (std::size_t start = 0; start < run.dy.size(); start += size) {
    const Scalar *const x = run.x().data + start, *const dy = run.dy.data + start;
    // dalpha += dy * softplus(beta x)
    for (std::size_t j = 0; j < dalpha.size(); ++j) dalpha[j] += dy[j] * softplus(beta[j] * x[j]);
    // dbeta += dy * alpha * sigmoid(beta x) * x
    for (std::size_t j = 0; j < dbeta.size(); ++j)
      dbeta[j] += dy[j] * alpha[j] * sigmoid(beta[j] * x[j]) * x[j];
    // dx = dy * alpha * sigmoid(beta x) * beta
    if (!run.dx()) continue;
    Scalar* const dx = run.dx().data + start;
    for (std::size_t j = 0; j < size; ++j)
      dx[j] = dy[j] * alpha[j] * sigmoid(beta[j] * x[j]) * beta[j];
  }
}

std::vector<LayerExample> ParametricSoftplus::examples() {
  return {{std::make_shared<ParametricSoftplus>(), {Shape{3}}},
          {std::make_shared<ParametricSoftplus>(
               ParametricSoftplusOptions{.alpha_init = 1, .beta_init = -1}),
           {Shape{2, 2}}}};
}

}  // namespace cornu
