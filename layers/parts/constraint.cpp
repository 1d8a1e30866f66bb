#include "cornu/layers/parts/constraint.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/layers/axis_norms.hpp"

// Keras 1.0.3, constraints.py.

namespace cornu {
namespace {

using ProjectionPtr = std::shared_ptr<const Projection>;

/// Keras's fuzz factor, which keeps the divisions below from 0 / 0.
constexpr double fuzz = 1e-7;

/// What MaxNorm and UnitNorm share: the axes over which the norm is taken.
class NormProjection : public Projection {
 public:
  explicit NormProjection(std::vector<int> axes) : axes_(std::move(axes)) {
    if (axes_.empty())
      throw ConfigError("constraint", "expected at least one axis, got an empty list",
                        "axis = 0 takes the norm over the inputs of each unit");
  }
  void check(const Shape& shape) const override { detail::axis_set(axes_, shape, "constraint"); }

 protected:
  /// An integer where one is enough, as Keras writes it.
  nlohmann::json axis() const {
    return axes_.size() == 1 ? nlohmann::json(axes_[0]) : nlohmann::json(axes_);
  }
  std::vector<int> axes_;
};

/// w * clip(n, 0, m) / (fuzz + n)
class MaxNorm final : public NormProjection {
 public:
  MaxNorm(double m, std::vector<int> axes) : NormProjection(std::move(axes)), m_(m) {
    if (!(m > 0 && std::isfinite(m)))
      throw ConfigError("maxnorm",
                        "expected m to be a number above 0, got " + nlohmann::json(m).dump());
  }
  void apply(View weight) const override {
    detail::scale_by_norm(weight, detail::axis_set(axes_, weight.shape, "constraint"),
                          [m = m_](double n) { return std::min(n, m) / (fuzz + n); });
  }
  nlohmann::json to_json() const override {
    return {{"name", "MaxNorm"}, {"m", m_}, {"axis", axis()}};
  }

 private:
  double m_;
};

/// w / (fuzz + n)
class UnitNorm final : public NormProjection {
 public:
  using NormProjection::NormProjection;
  void apply(View weight) const override {
    detail::scale_by_norm(weight, detail::axis_set(axes_, weight.shape, "constraint"),
                          [](double n) { return 1 / (fuzz + n); });
  }
  nlohmann::json to_json() const override { return {{"name", "UnitNorm"}, {"axis", axis()}}; }
};

/// w * (w >= 0)
class NonNeg final : public Projection {
 public:
  void apply(View weight) const override {
    for (Scalar& w : weight.array())
      if (w < 0) w = 0;
  }
  nlohmann::json to_json() const override { return {{"name", "NonNeg"}}; }
};

Registry<ProjectionPtr>& constraint_users() {
  static auto& projections = *new Registry<ProjectionPtr>("constraint");
  return projections;
}

bool is_builtin(const std::string& name) {
  constexpr std::array names = {"maxnorm", "MaxNorm", "nonneg", "NonNeg", "unitnorm", "UnitNorm"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<int> read_axes(detail::ObjectReader& reader) {
  const nlohmann::json* axis = reader.find("axis");
  if (!axis) return {0};
  std::vector<int> axes;
  const auto read_one = [&](const nlohmann::json& value) {
    constexpr int limit = Shape::max_rank;
    if (!value.is_number_integer() || value < -limit || value >= limit)
      throw ConfigError(reader.path_of("axis"),
                        "expected an integer or a list of integers, got " + axis->dump());
    axes.push_back(value.get<int>());
  };
  if (axis->is_array())
    for (const nlohmann::json& value : *axis) read_one(value);
  else
    read_one(*axis);
  return axes;
}

ProjectionPtr read(const nlohmann::json& config) {
  detail::ObjectReader reader(config, "constraint");
  const std::string name = reader.string("name");
  ProjectionPtr projection;
  if (name == "maxnorm" || name == "MaxNorm") {
    const double m = reader.has("m") ? reader.number("m") : 2;
    projection = std::make_shared<MaxNorm>(m, read_axes(reader));
  } else if (name == "unitnorm" || name == "UnitNorm") {
    projection = std::make_shared<UnitNorm>(read_axes(reader));
  } else if (name == "nonneg" || name == "NonNeg") {
    projection = std::make_shared<NonNeg>();
  } else if (constraint_users().contains(name)) {
    projection = constraint_users().find(name, "constraint");
    // What a registered projection writes is what it reads.
    if (config.size() != 1 && config != projection->to_json())
      throw ConfigError("constraint",
                        "'" + name + "' is registered without arguments, got " + config.dump());
    return projection;
  } else {
    detail::throw_unknown_name("constraint", "constraint", name, constraint_names());
  }
  reader.finish();
  return projection;
}

}  // namespace

void Projection::check(const Shape&) const {}

Constraint::Constraint(const std::string& name) { assign(name); }
nlohmann::json Constraint::to_json() const {
  return projection_ ? projection_->to_json() : nullptr;
}
void Constraint::assign(const nlohmann::json& config) {
  if (config.is_null())
    projection_ = nullptr;
  else
    projection_ = read(config.is_string() ? nlohmann::json{{"name", config}} : config);
}

Constraint maxnorm(double m, std::vector<int> axis) {
  return Constraint(std::make_shared<MaxNorm>(m, std::move(axis)));
}
Constraint nonneg() { return Constraint(std::make_shared<NonNeg>()); }
Constraint unitnorm(std::vector<int> axis) {
  return Constraint(std::make_shared<UnitNorm>(std::move(axis)));
}

void register_constraint(const std::string& name, std::shared_ptr<const Projection> projection) {
  if (!projection)
    throw ConfigError("register_constraint", "expected a projection for '" + name + "', got null");
  if (is_builtin(name))
    throw ConfigError("register_constraint", "the name '" + name + "' is taken",
                      "register it under another name");
  constraint_users().add(name, std::move(projection));
}

std::vector<std::string> constraint_names() {
  std::vector<std::string> names = {"maxnorm", "nonneg", "unitnorm"};
  for (std::string& name : constraint_users().names()) names.push_back(std::move(name));
  return names;
}

}  // namespace cornu
