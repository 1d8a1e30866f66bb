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
      {"SGD", optimizer_class<SGD>()},         {"RMSprop", optimizer_class<RMSprop>()},
      {"Adagrad", optimizer_class<Adagrad>()}, {"Adadelta", optimizer_class<Adadelta>()},
      {"Adam", optimizer_class<Adam>()},       {"Adamax", optimizer_class<Adamax>()},
      {"Nadam", optimizer_class<Nadam>()},     {"AdamW", optimizer_class<AdamW>()},
  };
}

}  // namespace cornu::detail
