#include "cornu/training/history.hpp"

#include <algorithm>
#include <limits>

#include "cornu/core/registry.hpp"

namespace cornu {

const std::vector<double>& History::operator[](std::string_view name) const {
  for (const auto& [known, values] : series_)
    if (known == name) return values;
  detail::throw_unknown_name("History", "series", name, names());
}

bool History::contains(std::string_view name) const noexcept {
  return std::any_of(series_.begin(), series_.end(),
                     [&](const auto& entry) { return entry.first == name; });
}

std::vector<std::string> History::names() const {
  std::vector<std::string> result;
  for (const auto& [name, values] : series_) result.push_back(name);
  return result;
}

void History::append(std::size_t epoch, const Scores& scores) {
  // What a name that comes late, or goes early, has in the other epochs.
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  History next = *this;  // so that running out of memory leaves the old one whole
  next.epochs_.push_back(epoch);
  for (const auto& [name, value] : scores) {
    auto at = std::find_if(next.series_.begin(), next.series_.end(),
                           [name = name](const auto& entry) { return entry.first == name; });
    if (at == next.series_.end())
      at = next.series_.insert(at, {std::string(name), std::vector<double>()});
    at->second.resize(epochs_.size(), missing);
    at->second.push_back(value);
  }
  for (auto& [name, values] : next.series_) values.resize(next.epochs_.size(), missing);
  *this = std::move(next);
}

}  // namespace cornu
