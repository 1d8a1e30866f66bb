#include "cornu/training/objectives/builtin_objectives.hpp"

namespace cornu::detail {

std::vector<ObjectivePtr> builtin_objectives() {
  std::vector<ObjectivePtr> table;
  add_mean_objectives(table);
  add_cross_entropies(table);
  add_cosine_proximity(table);
  return table;
}

const std::vector<std::pair<std::string, std::string>>& objective_aliases() {
  // Never destroyed, like the registries.
  static const auto& aliases = *new std::vector<std::pair<std::string, std::string>>{
      {"mse", "mean_squared_error"},
      {"MSE", "mean_squared_error"},
      {"mae", "mean_absolute_error"},
      {"MAE", "mean_absolute_error"},
      {"mape", "mean_absolute_percentage_error"},
      {"MAPE", "mean_absolute_percentage_error"},
      {"msle", "mean_squared_logarithmic_error"},
      {"MSLE", "mean_squared_logarithmic_error"},
      {"kld", "kullback_leibler_divergence"},
      {"KLD", "kullback_leibler_divergence"},
      {"cosine", "cosine_proximity"},
      {"log_cosh", "logcosh"},
  };
  return aliases;
}

}  // namespace cornu::detail
