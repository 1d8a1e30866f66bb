#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct AdamOptions {
  double lr = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Running means of the gradient and of its square, corrected for their start at zero (Kingma & Ba,
/// arXiv 1412.6980, in the efficient form at the end of its section 2). With T = t + 1
///
///     lr_T = lr * sqrt(1 - beta_2^T) / (1 - beta_1^T)
///     m = beta_1 * m + (1 - beta_1) * g
///     v = beta_2 * v + (1 - beta_2) * g^2
///     p = p - lr_T * m / (sqrt(v) + epsilon)
class CORNU_API Adam final : public ConfiguredOptimizer<AdamOptions> {
 public:
  explicit Adam(AdamOptions options = {});
  std::vector<std::string> slot_names() const override { return {"m", "v"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr adam(AdamOptions options = {});

}  // namespace cornu
