#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct AdadeltaOptions {
  double lr = 1.0;
  double rho = 0.95;
  double epsilon = 1e-8;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Steps in the units of the parameters: the gradient times the ratio of two running root mean
/// squares, of the updates and of the gradients (Zeiler, arXiv 1212.5701).
///
///     a = rho * a + (1 - rho) * g^2
///     u = g * sqrt(d + epsilon) / sqrt(a + epsilon)
///     p = p - lr * u
///     d = rho * d + (1 - rho) * u^2
class CORNU_API Adadelta final : public ConfiguredOptimizer<AdadeltaOptions> {
 public:
  explicit Adadelta(AdadeltaOptions options = {});
  std::vector<std::string> slot_names() const override { return {"a", "d"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr adadelta(AdadeltaOptions options = {});

}  // namespace cornu
