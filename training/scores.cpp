#include "cornu/training/scores.hpp"

#include <algorithm>

#include "cornu/core/registry.hpp"

namespace cornu {

Scores::Scores(std::shared_ptr<const std::vector<std::string>> names) : names_(std::move(names)) {
  if (size() > in_place) more_.resize(size());
}

double Scores::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i)
    if ((*names_)[i] == name) return value(i);
  detail::throw_unknown_name("Scores", "score", name,
                             names_ ? *names_ : std::vector<std::string>());
}

bool Scores::contains(std::string_view name) const noexcept {
  return names_ && std::find(names_->begin(), names_->end(), name) != names_->end();
}

}  // namespace cornu
