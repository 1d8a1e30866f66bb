#pragma once

#include <string>
#include <vector>

#include "cornu/training/objectives/objective.hpp"

namespace cornu {

/// How one output of a model is trained and measured.
struct OutputTraining {
  std::string name;  ///< of the output's layer
  ObjectivePtr objective;
  double weight = 1;  ///< of this output's loss in the total
  std::vector<std::string> metrics;
  std::vector<std::string> weighted_metrics = {};  ///< these take masks and sample weights
};

}  // namespace cornu
