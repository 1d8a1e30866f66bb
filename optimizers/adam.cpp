#include "cornu/optimizers/adam.hpp"

#include <cmath>

#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void AdamOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("beta_1", beta_1, Range::half_open(0, 1), "part of the old mean kept");
  fields.field("beta_2", beta_2, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
}

Adam::Adam(AdamOptions options) : ConfiguredOptimizer("Adam", std::move(options)) {}

void Adam::update(const OptimizerStep& step) const {
  const double T = static_cast<double>(step.iteration) + 1;
  const auto lr_T = static_cast<Scalar>(step.lr * std::sqrt(1 - std::pow(options().beta_2, T)) /
                                        (1 - std::pow(options().beta_1, T)));
  // m = beta_1 m + (1 - beta_1) g, v = beta_2 v + (1 - beta_2) g², p -= lr_T m / (√v + epsilon)
  kernels::adam_step(step.parameters.data(), step.gradients.data(), step.slots[0], step.slots[1],
                     options().beta_1, options().beta_2, 1, lr_T,
                     static_cast<Scalar>(options().epsilon), step.parameters.size());
}

OptimizerPtr adam(AdamOptions options) { return std::make_shared<Adam>(std::move(options)); }

}  // namespace cornu
