#include "cornu/optimizers/adagrad.hpp"

#include <cmath>

namespace cornu {

void AdagradOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

Adagrad::Adagrad(AdagradOptions options) : ConfiguredOptimizer("Adagrad", std::move(options)) {}

void Adagrad::update(const OptimizerStep& step) const {
  const auto lr = static_cast<Scalar>(step.lr);
  const auto epsilon = static_cast<Scalar>(options().epsilon);
  const std::size_t n = step.parameters.size();
  Scalar* __restrict p = step.parameters.data();
  const Scalar* __restrict g = step.gradients.data();
  Scalar* __restrict a = step.slots[0];
  for (std::size_t i = 0; i < n; ++i) {
    a[i] += g[i] * g[i];
    p[i] -= lr * g[i] / (std::sqrt(a[i]) + epsilon);
  }
}

OptimizerPtr adagrad(AdagradOptions options) {
  return std::make_shared<Adagrad>(std::move(options));
}

}  // namespace cornu
