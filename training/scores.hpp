#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/export.hpp"

namespace cornu {

/// Named numbers in a fixed order: `scores["loss"]`, or `for (auto& [name, value] : scores)`.
/// Up to sixteen are held in place, so that returning one from a training step does not allocate.
class CORNU_API Scores {
 public:
  Scores() = default;
  /// All zero. The names are shared, not copied.
  explicit Scores(std::shared_ptr<const std::vector<std::string>> names);

  std::size_t size() const noexcept { return names_ ? names_->size() : 0; }
  /// The score of that name, which may be the one that `compile` was given: "accuracy" for "acc",
  /// "val_mae" for "val_mean_absolute_error". Throws ConfigError with the known names when there is
  /// none.
  double operator[](std::string_view name) const;
  bool contains(std::string_view name) const noexcept;
  double value(std::size_t i) const noexcept { return values()[i]; }
  void set(std::size_t i, double value) noexcept { values()[i] = value; }

  class Iterator {
   public:
    std::pair<std::string_view, double> operator*() const {
      return {(*scores_->names_)[at_], scores_->value(at_)};
    }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) = default;

   private:
    friend class Scores;
    Iterator(const Scores* scores, std::size_t at) : scores_(scores), at_(at) {}
    const Scores* scores_;
    std::size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  static constexpr std::size_t in_place = 16;
  const double* values() const noexcept { return more_.empty() ? few_.data() : more_.data(); }
  double* values() noexcept { return more_.empty() ? few_.data() : more_.data(); }

  std::shared_ptr<const std::vector<std::string>> names_;
  std::array<double, in_place> few_{};
  std::vector<double> more_;
};

namespace detail {

/// Where in `names` the score is that is asked for by this name or an alias of it, or names.size().
CORNU_API std::size_t find_score(const std::vector<std::string>& names, std::string_view name);

}  // namespace detail
}  // namespace cornu
