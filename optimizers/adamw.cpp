#include "cornu/optimizers/adamw.hpp"

#include <cmath>

namespace cornu {

void AdamWOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("beta_1", beta_1, Range::half_open(0, 1), "part of the old mean kept");
  fields.field("beta_2", beta_2, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  fields.field("weight_decay", weight_decay, Range::at_least(0),
               "part of itself, times lr, that a parameter loses in a step");
  describe_optimizer(fields, *this);
}

AdamW::AdamW(AdamWOptions options) : ConfiguredOptimizer("AdamW", std::move(options)) {}

void AdamW::update(const OptimizerStep& step) const {
  const double T = static_cast<double>(step.iteration) + 1;
  const auto lr_T = static_cast<Scalar>(step.lr * std::sqrt(1 - std::pow(options().beta_2, T)) /
                                        (1 - std::pow(options().beta_1, T)));
  const auto kept = static_cast<Scalar>(1 - step.lr * options().weight_decay);
  const auto beta_1 = static_cast<Scalar>(options().beta_1);
  const auto beta_2 = static_cast<Scalar>(options().beta_2);
  const auto one_minus_beta_1 = static_cast<Scalar>(1 - options().beta_1);
  const auto one_minus_beta_2 = static_cast<Scalar>(1 - options().beta_2);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t n = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict m = step.slots[0];
  Scalar* __restrict v = step.slots[1];
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = beta_1 * m[i] + one_minus_beta_1 * g[i];
    v[i] = beta_2 * v[i] + one_minus_beta_2 * g[i] * g[i];
    p[i] = kept * p[i] - lr_T * m[i] / (std::sqrt(v[i]) + epsilon);
  }
}

OptimizerPtr adamw(AdamWOptions options) { return std::make_shared<AdamW>(std::move(options)); }

}  // namespace cornu
