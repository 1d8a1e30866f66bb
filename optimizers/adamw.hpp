#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct AdamWOptions {
  double lr = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.004;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Adam with decoupled weight decay (Loshchilov & Hutter, arXiv 1711.05101): the step of `Adam`,
/// and beside it every parameter shrinks in proportion to itself. With T = t + 1
///
///     lr_T = lr * sqrt(1 - beta_2^T) / (1 - beta_1^T)
///     m = beta_1 * m + (1 - beta_1) * g
///     v = beta_2 * v + (1 - beta_2) * g^2
///     p = p - lr * weight_decay * p - lr_T * m / (sqrt(v) + epsilon)
class CORNU_API AdamW final : public ConfiguredOptimizer<AdamWOptions> {
 public:
  explicit AdamW(AdamWOptions options = {});
  std::vector<std::string> slot_names() const override { return {"m", "v"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr adamw(AdamWOptions options = {});

}  // namespace cornu
