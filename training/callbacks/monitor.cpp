#include "cornu/training/callbacks/monitor.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu::detail {
namespace {

/// Keras 1 looks for "acc"; the other scores that are better when larger came later.
bool larger_is_better(std::string_view score) {
  for (const char* word : {"acc", "precision", "recall", "f1", "auc", "r2"})
    if (score.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace

Monitor::Monitor(std::string place, std::string score, const std::string& mode, double min_delta)
    : place_(std::move(place)),
      score_(std::move(score)),
      larger_is_better_(mode == "max" || (mode == "auto" && larger_is_better(score_))),
      min_delta_(min_delta) {}

void Monitor::check(const TrainingParams& params) const {
  const auto& known = params.metrics;
  if (find_score(known, score_) < known.size()) return;
  if (score_.rfind("val_", 0) == 0 && !params.do_validation)
    throw ConfigError(place_, "watches '" + score_ + "', but the run has no validation",
                      "give fit validation_data or validation_split, or watch another score");
  throw_unknown_name(place_, "score", score_, known);
}

bool Monitor::improves(double value) {
  // A NaN improves nothing.
  const bool better =
      !has_best_ ? value == value
                 : (larger_is_better_ ? value > best_ + min_delta_ : value < best_ - min_delta_);
  if (better) {
    best_ = value;
    has_best_ = true;
  }
  return better;
}

void Monitor::reset() { has_best_ = false; }

nlohmann::json Monitor::state() const {
  return has_best_ ? nlohmann::json(best_) : nlohmann::json();
}

void Monitor::set_state(const nlohmann::json& state) {
  if (!state.is_null() && !state.is_number())
    throw FormatError(place_, "expected the best value to be a number or null");
  has_best_ = !state.is_null();
  best_ = has_best_ ? state.get<double>() : 0;
}

}  // namespace cornu::detail
