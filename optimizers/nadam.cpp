#include "cornu/optimizers/nadam.hpp"

#include <cmath>
#include <cstdint>

namespace cornu {

void NadamOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("beta_1", beta_1, Range::half_open(0, 1), "part of the old mean kept");
  fields.field("beta_2", beta_2, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  fields.field("schedule_decay", schedule_decay, Range::at_least(0),
               "how fast the momentum warms up");
  describe_optimizer(fields, *this);
}

Nadam::Nadam(NadamOptions options) : ConfiguredOptimizer("Nadam", std::move(options)) {}

void Nadam::update(const OptimizerStep& step) const {
  const double b1 = options().beta_1, b2 = options().beta_2;
  const auto mu = [this, b1](std::uint64_t at) {
    return b1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(at) * options().schedule_decay));
  };
  // M_T, as far as 1 - M_T differs from 1: the factors start near b1 / 2, so that is some 60 of
  // them.
  const std::uint64_t T = step.iteration + 1;
  double product = 1;
  for (std::uint64_t i = 1; i <= T && product > 1e-18; ++i) product *= mu(i);
  const double mu_T = mu(T), mu_next = mu(T + 1);

  const auto gradient_part = static_cast<Scalar>((1 - mu_T) / (1 - product));
  const auto mean_part = static_cast<Scalar>(mu_next / (1 - product * mu_next));
  const auto v_correction = static_cast<Scalar>(1 / (1 - std::pow(b2, static_cast<double>(T))));
  const auto lr = static_cast<Scalar>(step.lr);
  const auto beta_1 = static_cast<Scalar>(b1), one_minus_beta_1 = static_cast<Scalar>(1 - b1);
  const auto beta_2 = static_cast<Scalar>(b2), one_minus_beta_2 = static_cast<Scalar>(1 - b2);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t size = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict m = step.slots[0];
  Scalar* __restrict v = step.slots[1];
  for (std::size_t i = 0; i < size; ++i) {
    m[i] = beta_1 * m[i] + one_minus_beta_1 * g[i];
    v[i] = beta_2 * v[i] + one_minus_beta_2 * g[i] * g[i];
    const Scalar n_i = gradient_part * g[i] + mean_part * m[i];
    p[i] -= lr * n_i / (std::sqrt(v[i] * v_correction) + epsilon);
  }
}

OptimizerPtr nadam(NadamOptions options) { return std::make_shared<Nadam>(std::move(options)); }

}  // namespace cornu
