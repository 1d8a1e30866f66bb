#include "cornu/optimizers/rmsprop.hpp"

#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void RMSpropOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("rho", rho, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

RMSprop::RMSprop(RMSpropOptions options) : ConfiguredOptimizer("RMSprop", std::move(options)) {}

void RMSprop::update(const OptimizerStep& step) const {
  // a = rho a + (1 - rho) g², p -= lr g / (√a + epsilon)
  kernels::rmsprop_step(step.parameters.data(), step.gradients.data(), step.slots[0], options().rho,
                        static_cast<Scalar>(step.lr), static_cast<Scalar>(options().epsilon),
                        step.parameters.size());
}

OptimizerPtr rmsprop(RMSpropOptions options) {
  return std::make_shared<RMSprop>(std::move(options));
}

}  // namespace cornu
