#include "cornu/optimizers/adamax.hpp"

#include <cmath>

#include "cornu/kernels/optimizers/optimizers.hpp"

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
  // m = beta_1 m + (1 - beta_1) g, u = max(beta_2 u, |g|), p -= lr_T m / (u + epsilon)
  kernels::adamax_step(step.parameters.data(), step.gradients.data(), step.slots[0], step.slots[1],
                       options().beta_1, options().beta_2, lr_T,
                       static_cast<Scalar>(options().epsilon), step.parameters.size());
}

OptimizerPtr adamax(AdamaxOptions options) { return std::make_shared<Adamax>(std::move(options)); }

}  // namespace cornu
