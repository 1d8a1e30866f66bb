#include "cornu/optimizers/rmsprop.hpp"

#include <cmath>

namespace cornu {

void RMSpropOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("rho", rho, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

RMSprop::RMSprop(RMSpropOptions options) : ConfiguredOptimizer("RMSprop", std::move(options)) {}

void RMSprop::update(const OptimizerStep& step) const {
  const auto lr = static_cast<Scalar>(step.lr);
  const auto rho = static_cast<Scalar>(options().rho);
  const auto one_minus_rho = static_cast<Scalar>(1 - options().rho);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t n = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict a = step.slots[0];
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = rho * a[i] + one_minus_rho * g[i] * g[i];
    p[i] -= lr * g[i] / (std::sqrt(a[i]) + epsilon);
  }
}

OptimizerPtr rmsprop(RMSpropOptions options) {
  return std::make_shared<RMSprop>(std::move(options));
}

}  // namespace cornu
