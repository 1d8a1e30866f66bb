#include "cornu/training/objectives/objective.hpp"

#include <cmath>
#include <limits>
#include <sstream>

#include "cornu/core/registry.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/training/objectives/builtin_objectives.hpp"

namespace cornu {
namespace {

Registry<ObjectivePtr>& objective_registry() {
  static auto& objectives = *[] {
    std::vector<std::pair<std::string, ObjectivePtr>> table;
    for (const ObjectivePtr& objective : detail::builtin_objectives())
      table.emplace_back(objective->name(), objective);
    return new Registry<ObjectivePtr>("objective", std::move(table));
  }();
  return objectives;
}

}  // namespace

Objective::~Objective() = default;

void Objective::check_shapes(const Shape& t, const Shape& p, std::string_view place) const {
  if (t == p) return;
  throw ShapeError(place, std::string(name()) + " expected targets of the output's shape " +
                              p.to_string_with_samples() + ", got " + t.to_string_with_samples());
}

void Objective::check_targets(ConstView t, const Shape&, std::string_view place) const {
  using Limits = std::numeric_limits<Scalar>;
  detail::check_range(place, name(), t, Limits::lowest(), Limits::max(), {}, {});
}

bool Objective::joins(std::string_view) const { return false; }

void Objective::joint_gradient(ConstView, ConstView, ConstArray, View) const {
  throw ConfigError(std::string(name()), "cannot be differentiated together with an activation",
                    "ask `joins` first");
}

ObjectivePtr find_objective(std::string_view name, std::string_view place) {
  const auto& aliases = detail::objective_aliases();
  for (const auto& [alias, full_name] : aliases)
    if (alias == name) return objective_registry().find(full_name, place);
  if (objective_registry().contains(name)) return objective_registry().find(name, place);
  std::vector<std::string> known = objective_registry().names();
  for (const auto& [alias, full_name] : aliases) known.push_back(alias);
  detail::throw_unknown_name(place, objective_registry().kind(), name, known);
}

void register_objective(const std::string& name, ObjectivePtr objective) {
  for (const auto& [alias, full_name] : detail::objective_aliases())
    if (alias == name)
      throw ConfigError("objective registry",
                        "the name '" + name + "' is taken: it stands for " + full_name,
                        "register it under another name");
  objective_registry().add(name, std::move(objective));
}

std::vector<std::string> objective_names() { return objective_registry().names(); }

std::vector<std::string> objective_aliases(std::string_view name) {
  std::vector<std::string> result;
  for (const auto& [alias, full_name] : detail::objective_aliases())
    if (full_name == name) result.push_back(alias);
  return result;
}

namespace detail {

void check_range(std::string_view place, std::string_view objective, ConstView t, Scalar least,
                 Scalar most, std::string_view expected, std::string_view help) {
  if (kernels::all_within(t.data, t.size(), least, most)) return;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (!std::isfinite(t.data[i]))
      throw_bad_target(place, objective, t, i, "finite targets",
                       "leave out or mend samples without a value");
    if (t.data[i] < least || t.data[i] > most)
      throw_bad_target(place, objective, t, i, expected, help);
  }
}

void throw_bad_target(std::string_view place, std::string_view objective, ConstView t,
                      std::size_t at, std::string_view expected, std::string_view help) {
  const std::size_t columns = t.shape.back(), row = at / columns;
  const std::size_t rows_a_sample = t.shape.rows() / t.shape.front();
  std::ostringstream text;
  text << objective << " expected " << expected << ", got " << t.data[at] << " in sample "
       << row / rows_a_sample;
  if (rows_a_sample > 1) text << ", row " << row % rows_a_sample;
  if (columns > 1) text << ", column " << at % columns;
  throw ConfigError(place, text.str(), help);
}

}  // namespace detail
}  // namespace cornu
