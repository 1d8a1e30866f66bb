#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// A loss (Keras 1.0.3, objectives.py): one score for each row, where rows are all positions of
/// target t and prediction p (N, ..., D) except those of the last axis.
class CORNU_API Objective {
 public:
  virtual ~Objective();

  virtual std::string_view name() const = 0;

  /// Throws ShapeError unless targets of sample shape `t` fit predictions of sample shape `p`.
  /// The default wants equal shapes.
  virtual void check_shapes(const Shape& t, const Shape& p, std::string_view place) const;
  /// Throws ConfigError naming the first bad row, for targets that the loss has no value for. The
  /// default wants finite numbers.
  virtual void check_targets(ConstView t, const Shape& p, std::string_view place) const;

  /// scores[r] for every row r. t, p (N, ..., D); the sparse loss takes t (N, ..., 1).
  virtual void score(ConstView t, ConstView p, Array scores) const = 0;
  /// dp = weights[r] * d(scores[r]) / dp: `weights` is dL/d(scores).
  virtual void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const = 0;

  /// Whether the loss can be differentiated together with the activation of this name, that is
  /// whether `joint_gradient` works for it.
  virtual bool joins(std::string_view activation) const;
  /// dz = dL/dz for p = activation(z): no digits are lost where p nears 0 or 1.
  virtual void joint_gradient(ConstView t, ConstView p, ConstArray weights, View dz) const;
};

using ObjectivePtr = std::shared_ptr<const Objective>;

/// The objective of that name or alias ("mse"). Throws ConfigError with the nearest known name.
CORNU_API ObjectivePtr find_objective(std::string_view name, std::string_view place = "compile");
CORNU_API void register_objective(const std::string& name, ObjectivePtr objective);
/// The full names, sorted, and the short ones that stand for one of them.
CORNU_API std::vector<std::string> objective_names();
CORNU_API std::vector<std::string> objective_aliases(std::string_view name);

}  // namespace cornu
