#include "cornu/optimizers/sgd.hpp"

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/optimizers/optimizers.hpp"

namespace cornu {

void SGDOptions::describe(Fields& fields) {
  fields.field("lr", lr, Range::at_least(0), "learning rate");
  fields.field("momentum", momentum, Range::half_open(0, 1), "part of the last update kept");
  fields.field("decay", decay, Range::at_least(0), "lr is divided by 1 + decay * t");
  fields.field("nesterov", nesterov, "whether to look ahead along the momentum");
  describe_optimizer(fields, *this);
}

SGD::SGD(SGDOptions options) : ConfiguredOptimizer("SGD", std::move(options)) {}

std::vector<std::string> SGD::slot_names() const {
  if (options().momentum == 0) return {};
  return {"m"};
}

void SGD::update(const OptimizerStep& step) const {
  const auto lr =
      static_cast<Scalar>(step.lr / (1 + options().decay * static_cast<double>(step.iteration)));
  const auto momentum = static_cast<Scalar>(options().momentum);
  const std::size_t n = step.parameters.size();
  Scalar* const p = step.parameters.data();
  const Scalar* const g = step.gradients.data();
  if (momentum == 0)  // p -= lr g
    kernels::add_scaled(-lr, g, p, n);
  else if (!options().nesterov)  // m = momentum m - lr g, p += m
    kernels::momentum_step(p, g, step.slots[0], momentum, lr, n);
  else  // m = momentum m - lr g, p += momentum m - lr g
    kernels::nesterov_step(p, g, step.slots[0], momentum, lr, n);
}

OptimizerPtr sgd(SGDOptions options) { return std::make_shared<SGD>(std::move(options)); }

}  // namespace cornu
