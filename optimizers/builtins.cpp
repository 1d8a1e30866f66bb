#include "cornu/optimizers/builtins.hpp"

#include "cornu/optimizers/adadelta.hpp"
#include "cornu/optimizers/adagrad.hpp"
#include "cornu/optimizers/adam.hpp"
#include "cornu/optimizers/adamax.hpp"
#include "cornu/optimizers/adamw.hpp"
#include "cornu/optimizers/nadam.hpp"
#include "cornu/optimizers/rmsprop.hpp"
#include "cornu/optimizers/sgd.hpp"

namespace cornu::detail {

std::vector<std::pair<std::string, OptimizerClass>> builtin_optimizers() {
  return {
      {"SGD", described_class<SGD, Optimizer>()},
      {"RMSprop", described_class<RMSprop, Optimizer>()},
      {"Adagrad", described_class<Adagrad, Optimizer>()},
      {"Adadelta", described_class<Adadelta, Optimizer>()},
      {"Adam", described_class<Adam, Optimizer>()},
      {"Adamax", described_class<Adamax, Optimizer>()},
      {"Nadam", described_class<Nadam, Optimizer>()},
      {"AdamW", described_class<AdamW, Optimizer>()},
  };
}

}  // namespace cornu::detail
