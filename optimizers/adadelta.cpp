#include "cornu/optimizers/adadelta.hpp"

#include <cmath>

namespace cornu {

void AdadeltaOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("rho", rho, Range::half_open(0, 1), "part of the old mean squares kept");
  fields.field("epsilon", epsilon, Range::positive(), "sets the size of the first updates");
  describe_optimizer(fields, *this);
}

Adadelta::Adadelta(AdadeltaOptions options) : ConfiguredOptimizer("Adadelta", std::move(options)) {}

void Adadelta::update(const OptimizerStep& step) const {
  const auto lr = static_cast<Scalar>(step.lr);
  const auto rho = static_cast<Scalar>(options().rho);
  const auto one_minus_rho = static_cast<Scalar>(1 - options().rho);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t n = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict a = step.slots[0];
  Scalar* __restrict d = step.slots[1];
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = rho * a[i] + one_minus_rho * g[i] * g[i];
    const Scalar u = g[i] * std::sqrt(d[i] + epsilon) / std::sqrt(a[i] + epsilon);
    p[i] -= lr * u;
    d[i] = rho * d[i] + one_minus_rho * u * u;
  }
}

OptimizerPtr adadelta(AdadeltaOptions options) {
  return std::make_shared<Adadelta>(std::move(options));
}

}  // namespace cornu
