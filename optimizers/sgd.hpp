#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct SGDOptions {
  double lr = 0.01;
  double momentum = 0;
  double decay = 0;
  bool nesterov = false;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// Stochastic gradient descent with momentum, decay and Nesterov's look ahead. At step t = 0, 1,
/// ...
///
///     lr_t = lr / (1 + decay * t)
///     m = momentum * m - lr_t * g
///     p = p + m                          or, with nesterov, p + momentum * m - lr_t * g
class CORNU_API SGD final : public ConfiguredOptimizer<SGDOptions> {
 public:
  explicit SGD(SGDOptions options = {});
  /// {"m"}, or none without momentum.
  std::vector<std::string> slot_names() const override;
  void update(const OptimizerStep& step) const override;
};

/// `compile({.optimizer = sgd({.lr = 0.1, .momentum = 0.9}), ...})`
CORNU_API OptimizerPtr sgd(SGDOptions options = {});

}  // namespace cornu
