#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/training/scores.hpp"

namespace cornu {

/// What `fit` returns: one value an epoch for the loss, each metric, and with validation for each
/// of them again under "val_...".
class CORNU_API History {
 public:
  /// The values of one name, or alias as Scores has them, by epoch. Throws ConfigError with the
  /// known names.
  const std::vector<double>& operator[](std::string_view name) const;
  bool contains(std::string_view name) const noexcept;
  std::vector<std::string> names() const;
  /// The epochs' numbers, from 0.
  const std::vector<std::size_t>& epochs() const noexcept { return epochs_; }
  bool empty() const noexcept { return epochs_.empty(); }

  void append(std::size_t epoch, const Scores& scores);

 private:
  std::vector<std::size_t> epochs_;
  std::vector<std::pair<std::string, std::vector<double>>> series_;
};

}  // namespace cornu
