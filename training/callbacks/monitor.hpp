#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu::detail {

/// A score that a callback watches, and the best value so far. For callbacks to hold; not for
/// users.
class CORNU_API Monitor {
 public:
  /// `mode`: "min", "max", or "auto": max for accuracies and other scores that are better when
  /// larger, min for the rest. Throws ConfigError for other words.
  Monitor(std::string place, std::string score, const std::string& mode, double min_delta);

  /// Throws ConfigError when a run has no such score.
  void check(const TrainingParams& params) const;
  double value(const Scores& scores) const { return scores[score_]; }
  /// Whether the value is better than the best by more than min_delta; it is then the best.
  bool improves(double value);
  /// Any value improves on it afterwards.
  void reset();
  bool has_best() const noexcept { return has_best_; }
  double best() const noexcept { return best_; }
  const std::string& score() const noexcept { return score_; }

  /// The best value, or null.
  nlohmann::json state() const;
  void set_state(const nlohmann::json& state);

 private:
  std::string place_, score_;
  bool larger_is_better_;
  double min_delta_;
  bool has_best_ = false;
  double best_ = 0;
};

}  // namespace cornu::detail
