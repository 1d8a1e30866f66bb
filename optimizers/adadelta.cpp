#include "cornu/optimizers/adadelta.hpp"

#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void AdadeltaOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("rho", rho, Range::half_open(0, 1), "part of the old mean squares kept");
  fields.field("epsilon", epsilon, Range::positive(), "sets the size of the first updates");
  describe_optimizer(fields, *this);
}

Adadelta::Adadelta(AdadeltaOptions options) : ConfiguredOptimizer("Adadelta", std::move(options)) {}

void Adadelta::update(const OptimizerStep& step) const {
  // a = rho a + (1 - rho) g², u = g √(d + epsilon) / √(a + epsilon), p -= lr u,
  // d = rho d + (1 - rho) u²
  kernels::adadelta_step(step.parameters.data(), step.gradients.data(), step.slots[0],
                         step.slots[1], options().rho, static_cast<Scalar>(step.lr),
                         static_cast<Scalar>(options().epsilon), step.parameters.size());
}

OptimizerPtr adadelta(AdadeltaOptions options) {
  return std::make_shared<Adadelta>(std::move(options));
}

}  // namespace cornu
