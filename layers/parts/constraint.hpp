#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// Brings a weight back into an allowed set after each update.
class CORNU_API Projection {
 public:
  virtual ~Projection() = default;
  /// Throws ShapeError when a weight of this shape cannot be projected (axis out of range).
  virtual void check(const Shape& shape) const;
  virtual void apply(View weight) const = 0;
  virtual nlohmann::json to_json() const = 0;
};

/// A constraint on a weight (Keras 1, constraints.py). Names: maxnorm, nonneg, unitnorm.
class CORNU_API Constraint final : public Choice {
 public:
  /// No constraint.
  Constraint() = default;
  Constraint(const char* name) : Constraint(std::string(name)) {}  // NOLINT
  Constraint(const std::string& name);                             // NOLINT
  explicit Constraint(std::shared_ptr<const Projection> projection)
      : projection_(std::move(projection)) {}

  explicit operator bool() const noexcept { return projection_ != nullptr; }
  const Projection* operator->() const noexcept { return projection_.get(); }

  std::string_view kind() const override { return "constraint"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  std::shared_ptr<const Projection> projection_;
};

/// With n = sqrt(sum over `axis` of w^2): w * clip(n, 0, m) / (1e-7 + n). m must be positive.
CORNU_API Constraint maxnorm(double m = 2, std::vector<int> axis = {0});
/// w * (w >= 0)
CORNU_API Constraint nonneg();
/// w / (1e-7 + n), n = sqrt(sum over `axis` of w^2)
CORNU_API Constraint unitnorm(std::vector<int> axis = {0});

/// Adds a projection of the user's own, found by name in options and files.
CORNU_API void register_constraint(const std::string& name,
                                   std::shared_ptr<const Projection> projection);
CORNU_API std::vector<std::string> constraint_names();

}  // namespace cornu
