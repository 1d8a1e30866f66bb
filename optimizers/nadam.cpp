#include "cornu/optimizers/nadam.hpp"

#include <cmath>
#include <cstdint>

#include "cornu/kernels/optimizers/optimizers.hpp"

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

  const kernels::NadamFactors factors{
      .beta_1 = b1,
      .beta_2 = b2,
      .of_g = static_cast<Scalar>((1 - mu_T) / (1 - product)),
      .of_m = static_cast<Scalar>(mu_next / (1 - product * mu_next)),
      .of_v = static_cast<Scalar>(1 / (1 - std::pow(b2, static_cast<double>(T))))};
  // m = beta_1 m + (1 - beta_1) g, v = beta_2 v + (1 - beta_2) g²,
  // p -= lr (of_g g + of_m m) / (√(of_v v) + epsilon)
  kernels::nadam_step(step.parameters.data(), step.gradients.data(), step.slots[0], step.slots[1],
                      factors, static_cast<Scalar>(step.lr), static_cast<Scalar>(options().epsilon),
                      step.parameters.size());
}

OptimizerPtr nadam(NadamOptions options) { return std::make_shared<Nadam>(std::move(options)); }

}  // namespace cornu
