#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// How often each class was taken for which, counted over everything since the beginning or
/// `reset`. Rows are true classes, columns predicted ones.
class CORNU_API ConfusionMatrix {
 public:
  /// Throws ConfigError below two classes.
  explicit ConfusionMatrix(std::size_t classes);

  void reset();
  /// Adds a batch. Predictions p (N, ..., C) choose the greatest of C columns, targets t are rows
  /// of 0 and 1 of the same shape, or class numbers (N, ..., 1). With two classes p may be
  /// (N, ..., 1), the probability of class 1, which is chosen from `threshold` on; t is then 0
  /// or 1. Throws ShapeError, ConfigError (a class number that is none), and is then unchanged.
  void update(ConstView t, ConstView p, double threshold = 0.5);

  std::size_t classes() const noexcept { return classes_; }
  std::uint64_t count(std::size_t truth, std::size_t predicted) const {
    return counts_[truth * classes_ + predicted];
  }
  std::uint64_t total() const noexcept;
  /// All counts, row by row.
  const std::vector<std::uint64_t>& counts() const noexcept { return counts_; }
  /// Throws ConfigError when their number is wrong.
  void set_counts(std::vector<std::uint64_t> counts);

  /// The part of all that was right. This and what follows is 0 where it would be 0 / 0.
  double accuracy() const noexcept;
  /// Of those taken for class c, the part that is.
  double precision(std::size_t c) const;
  /// Of those that are of class c, the part taken for it.
  double recall(std::size_t c) const;
  /// 2 precision recall / (precision + recall)
  double f1(std::size_t c) const;
  /// Whether class c was seen, as truth or prediction.
  bool seen(std::size_t c) const;

  /// A table with the recall of each row and the precision of each column; `names` are the classes'
  /// (their numbers when empty).
  std::string to_string(const std::vector<std::string>& names = {}) const;

 private:
  std::uint64_t truths(std::size_t c) const;
  std::uint64_t predictions(std::size_t c) const;

  std::size_t classes_;
  std::vector<std::uint64_t> counts_;
};

}  // namespace cornu
