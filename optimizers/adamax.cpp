#include "cornu/optimizers/adamax.hpp"

#include <algorithm>
#include <cmath>

namespace cornu {

void AdamaxOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("beta_1", beta_1, Range::half_open(0, 1), "part of the old mean kept");
  fields.field("beta_2", beta_2, Range::half_open(0, 1), "part of the old infinity norm kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

Adamax::Adamax(AdamaxOptions options) : ConfiguredOptimizer("Adamax", std::move(options)) {}

void Adamax::update(const OptimizerStep& step) const {
  const double T = static_cast<double>(step.iteration) + 1;
  const auto lr_T = static_cast<Scalar>(step.lr / (1 - std::pow(options().beta_1, T)));
  const auto beta_1 = static_cast<Scalar>(options().beta_1);
  const auto beta_2 = static_cast<Scalar>(options().beta_2);
  const auto one_minus_beta_1 = static_cast<Scalar>(1 - options().beta_1);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t n = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict m = step.slots[0];
  Scalar* __restrict u = step.slots[1];
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = beta_1 * m[i] + one_minus_beta_1 * g[i];
    u[i] = std::max(beta_2 * u[i], std::abs(g[i]));
    p[i] -= lr_T * m[i] / (u[i] + epsilon);
  }
}

OptimizerPtr adamax(AdamaxOptions options) { return std::make_shared<Adamax>(std::move(options)); }

}  // namespace cornu
