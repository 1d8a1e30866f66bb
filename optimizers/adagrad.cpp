#include "cornu/optimizers/adagrad.hpp"

#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void AdagradOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

Adagrad::Adagrad(AdagradOptions options) : ConfiguredOptimizer("Adagrad", std::move(options)) {}

void Adagrad::update(const OptimizerStep& step) const {
  // a += g², p -= lr g / (√a + epsilon)
  kernels::adagrad_step(step.parameters.data(), step.gradients.data(), step.slots[0],
                        static_cast<Scalar>(step.lr), static_cast<Scalar>(options().epsilon),
                        step.parameters.size());
}

OptimizerPtr adagrad(AdagradOptions options) {
  return std::make_shared<Adagrad>(std::move(options));
}

}  // namespace cornu
