#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct AdamaxOptions {
  double lr = 0.002;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Adam with the infinity norm (Kingma & Ba, arXiv 1412.6980, section 7.1). With T = t + 1
///
///     m = beta_1 * m + (1 - beta_1) * g
///     u = max(beta_2 * u, |g|)
///     p = p - lr / (1 - beta_1^T) * m / (u + epsilon)
class CORNU_API Adamax final : public ConfiguredOptimizer<AdamaxOptions> {
 public:
  explicit Adamax(AdamaxOptions options = {});
  std::vector<std::string> slot_names() const override { return {"m", "u"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr adamax(AdamaxOptions options = {});

}  // namespace cornu
