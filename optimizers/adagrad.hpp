#pragma once

#include <string>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

struct AdagradOptions {
  double lr = 0.01;
  double epsilon = 1e-8;
  double clipnorm = 0, clipvalue = 0;
  Schedule schedule = {};
  void describe(Fields& fields);
};

/// The gradient over the root of the sum of all its squares so far (Duchi, Hazan & Singer, 2011).
///
///     a = a + g^2
///     p = p - lr * g / (sqrt(a) + epsilon)
class CORNU_API Adagrad final : public ConfiguredOptimizer<AdagradOptions> {
 public:
  explicit Adagrad(AdagradOptions options = {});
  std::vector<std::string> slot_names() const override { return {"a"}; }
  void update(const OptimizerStep& step) const override;
};

CORNU_API OptimizerPtr adagrad(AdagradOptions options = {});

}  // namespace cornu
