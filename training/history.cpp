#include "cornu/training/history.hpp"

#include <algorithm>
#include <limits>

#include "cornu/core/registry.hpp"

namespace cornu {

const std::vector<double>& History::operator[](std::string_view name) const {
  const std::vector<std::string> known = names();
  if (const std::size_t at = detail::find_score(known, name); at < known.size())
    return series_[at].second;
  detail::throw_unknown_name("History", "series", name, known);
}

bool History::contains(std::string_view name) const noexcept {
  return std::any_of(series_.begin(), series_.end(), [&](const auto& entry) {
    return detail::find_score({entry.first}, name) == 0;
  });
}

std::vector<std::string> History::names() const {
  std::vector<std::string> result;
  for (const auto& [name, values] : series_) result.push_back(name);
  return result;
}

void History::append(std::size_t epoch, const Scores& scores) {
  // What a name that comes late, or goes early, has in the other epochs.
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  // All memory first, so that running out of it leaves the history whole.
  const std::size_t before = epochs_.size(), known = series_.size();
  const auto room = [before](auto& values) {
    if (values.capacity() <= before) values.reserve(std::max<std::size_t>(16, 2 * before));
  };
  std::vector<std::size_t> places;
  try {
    room(epochs_);
    for (auto& [name, values] : series_) room(values);
    for (const auto& [name, value] : scores) {
      std::size_t at = 0;
      while (at < series_.size() && series_[at].first != name) ++at;
      if (at == series_.size()) {
        series_.emplace_back(std::string(name), std::vector<double>(before, missing));
        room(series_.back().second);
      }
      places.push_back(at);
    }
  } catch (...) {
    series_.resize(known);
    throw;
  }
  epochs_.push_back(epoch);
  for (auto& [name, values] : series_) values.push_back(missing);
  for (std::size_t i = 0; i < places.size(); ++i)
    series_[places[i]].second.back() = scores.value(i);
}

}  // namespace cornu
