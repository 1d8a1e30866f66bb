#pragma once

#include <cstddef>

#include "cornu/core/tensor.hpp"
#include "cornu/training/objectives/objective.hpp"

namespace cornu {

/// The loss of one output of a model: rows' scores, masked, averaged and weighted (Keras 1.0.3,
/// engine/training.py, weighted_objective).
///
/// With score (N, T...) of the objective, mask m (N, T) and weights w, (N,) or (N, T):
///
///     score *= m;  score /= mean(m)                    if there is a mask
///     score = mean of score over the axes beyond those of w
///     loss = sum(w * score) / #(w != 0)                not divided by sum(w)
///
/// Where nothing counts (all masked, all weights zero) loss and gradient are 0, not NaN.
class CORNU_API OutputLoss {
 public:
  explicit OutputLoss(ObjectivePtr objective) : objective_(std::move(objective)) {}

  const Objective& objective() const noexcept { return *objective_; }

  /// The loss of targets t and predictions p, both (N, ..., D); mask and weights may have null
  /// data. Allocates only when there are more rows than ever before.
  double value(ConstView t, ConstView p, ConstView mask, ConstView weights);
  /// dp = factor * dL/dp for the arguments of the last `value`; with `before_activation`, the
  /// gradient with respect to what went into the activation that made p.
  void gradient(ConstView t, ConstView p, double factor, bool before_activation, View dp);

 private:
  ObjectivePtr objective_;
  AlignedArray scores_;
  AlignedArray row_weights_;  ///< d(loss) / d(scores)
  AlignedArray scaled_;
  std::size_t rows_ = 0;
};

}  // namespace cornu
