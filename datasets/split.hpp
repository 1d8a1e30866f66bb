#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// Arguments of `train_test_split`.
struct SplitOptions {
  double test_size = 0.25;  ///< the part of the samples that is held out, in (0, 1)
  std::uint64_t seed = 0;   ///< of the order
  bool shuffle = true;      ///< false: the last samples are held out, in their order
  /// Each class has the same part in both sets, as nearly as whole samples allow: of class numbers
  /// (N,) or (N, 1), or of rows of 0 and 1, that y holds. Needs `shuffle`.
  bool stratify = false;
};

struct TrainTestSplit {
  Tensor x_train, x_test, y_train, y_test;
  std::vector<std::size_t> train, test;  ///< which samples went where
};

/// Parts samples and their targets into a set to train on and one to test with. The test set has
/// test_size * N samples, rounded, and at least one; so has the other.
///
///     const TrainTestSplit data = train_test_split(x, y, {.test_size = 0.2, .stratify = true});
///     model.fit(data.x_train, data.y_train);
///     model.evaluate(data.x_test, data.y_test);
///
/// Throws ShapeError when x and y differ in samples or there are fewer than two, ConfigError for
/// options out of range and for a class of one sample that should be in both sets.
CORNU_API TrainTestSplit train_test_split(const Tensor& x, const Tensor& y,
                                          const SplitOptions& options = {});

}  // namespace cornu
