#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct RMSpropOptions {
  double lr = 0.001;
  double rho = 0.9;
  double epsilon = 1e-8;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  bool epsilon_in_root = false;
  void describe(Fields& fields);
};

/// The gradient over a running root mean square of itself (Hinton, lecture 6e of "Neural networks
/// for machine learning", 2012).
///
///     a = rho * a + (1 - rho) * g^2
///     p = p - lr * g / (sqrt(a) + epsilon)
///
/// With `epsilon_in_root` the divisor is sqrt(a + epsilon), as in Keras 3 and tf.keras 2.
class CORNU_API RMSprop final : public ConfiguredOptimizer<RMSpropOptions> {
 public:
  explicit RMSprop(RMSpropOptions options = {});
  std::vector<std::string> slot_names() const override { return {"a"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr rmsprop(RMSpropOptions options = {});

}  // namespace cornu
