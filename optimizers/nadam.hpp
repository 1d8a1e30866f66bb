#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct NadamOptions {
  double lr = 0.002;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double schedule_decay = 0.004;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Adam with Nesterov's momentum and a momentum that warms up (Dozat, "Incorporating Nesterov
/// momentum into Adam", 2015; Keras 1.0.5, which has it first). With T = t + 1
///
///     mu_T = beta_1 * (1 - 0.5 * 0.96^(T * schedule_decay)),   M_T = mu_1 * mu_2 * ... * mu_T
///     m = beta_1 * m + (1 - beta_1) * g
///     v = beta_2 * v + (1 - beta_2) * g^2
///     n = (1 - mu_T) * g / (1 - M_T) + mu_{T+1} * m / (1 - M_{T+1})
///     p = p - lr * n / (sqrt(v / (1 - beta_2^T)) + epsilon)
///
/// The product M_T is made afresh in each step (it is soon too small to matter), so that a step
/// depends on t alone and a resumed run needs nothing beyond m and v.
class CORNU_API Nadam final : public ConfiguredOptimizer<NadamOptions> {
 public:
  explicit Nadam(NadamOptions options = {});
  std::vector<std::string> slot_names() const override { return {"m", "v"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr nadam(NadamOptions options = {});

}  // namespace cornu
