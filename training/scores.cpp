#include "cornu/training/scores.hpp"

#include <algorithm>

#include "cornu/core/registry.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"
#include "cornu/training/objectives/objective.hpp"

namespace cornu {

Scores::Scores(std::shared_ptr<const std::vector<std::string>> names) : names_(std::move(names)) {
  if (size() > in_place) more_.resize(size());
}

double Scores::operator[](std::string_view name) const {
  if (const std::size_t i = names_ ? detail::find_score(*names_, name) : 0; i < size())
    return value(i);
  detail::throw_unknown_name("Scores", "score", name,
                             names_ ? *names_ : std::vector<std::string>());
}

bool Scores::contains(std::string_view name) const noexcept {
  return names_ && detail::find_score(*names_, name) < names_->size();
}

namespace detail {
namespace {

/// Whether `known` is `asked` with an alias at its end, after "val_" or an output's name, written
/// as the name that is reported.
bool is_alias(std::string_view asked, std::string_view alias, std::string_view known,
              std::string_view label) {
  if (!asked.ends_with(alias) || !known.ends_with(label)) return false;
  const std::string_view before = asked.substr(0, asked.size() - alias.size());
  return before == known.substr(0, known.size() - label.size()) &&
         (before.empty() || before.back() == '_');
}

}  // namespace

std::size_t find_score(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::size_t at = names.size();
  const auto look = [&](std::string_view alias, std::string_view label) {
    for (std::size_t i = 0; i < at; ++i)
      if (is_alias(name, alias, names[i], label)) at = i;
  };
  for (const auto& [alias, label] : metric_aliases) look(alias, label);
  for (const std::string& objective : cornu::objective_names())
    for (const std::string& alias : cornu::objective_aliases(objective)) look(alias, objective);
  return at;
}

}  // namespace detail

}  // namespace cornu
