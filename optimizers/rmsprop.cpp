#include "cornu/optimizers/rmsprop.hpp"

#include <cmath>

#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void RMSpropOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("rho", rho, Range::half_open(0, 1), "part of the old mean square kept");
  fields.field("epsilon", epsilon, Range::positive(), "keeps the division finite");
  describe_optimizer(fields, *this);
  fields.begin_additions();
  if (fields.visits_defaults() || epsilon_in_root)
    fields.field("epsilon_in_root", epsilon_in_root, "whether epsilon stands under the root");
  fields.end_additions();
}

RMSprop::RMSprop(RMSpropOptions options) : ConfiguredOptimizer("RMSprop", std::move(options)) {}

namespace {

// a = rho a + (1 - rho) g², p -= lr g / √(a + epsilon)
void step_with_epsilon_in_root(const OptimizerStep& step, const RMSpropOptions& options) {
  const Scalar rho = static_cast<Scalar>(options.rho), rest = static_cast<Scalar>(1 - options.rho);
  const Scalar epsilon = static_cast<Scalar>(options.epsilon), lr = static_cast<Scalar>(step.lr);
  Scalar *const p = step.parameters.data(), *const a = step.slots[0];
  const Scalar* const g = step.gradients.data();
  for (std::size_t i = 0; i < step.parameters.size(); ++i) {
    a[i] = rho * a[i] + rest * g[i] * g[i];
    p[i] -= lr * g[i] / std::sqrt(a[i] + epsilon);
  }
}

}  // namespace

void RMSprop::update(const OptimizerStep& step) const {
  if (options().epsilon_in_root) return step_with_epsilon_in_root(step, options());
  // a = rho a + (1 - rho) g², p -= lr g / (√a + epsilon)
  kernels::rmsprop_step(step.parameters.data(), step.gradients.data(), step.slots[0], options().rho,
                        static_cast<Scalar>(step.lr), static_cast<Scalar>(options().epsilon),
                        step.parameters.size());
}

OptimizerPtr rmsprop(RMSpropOptions options) {
  return std::make_shared<RMSprop>(std::move(options));
}

}  // namespace cornu
