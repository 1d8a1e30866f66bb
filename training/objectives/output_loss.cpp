#include "cornu/training/objectives/output_loss.hpp"

#include <algorithm>

namespace cornu {

double OutputLoss::value(ConstView t, ConstView p, ConstView mask, ConstView weights) {
  rows_ = p.shape.rows();
  if (scores_.size() < rows_) {
    row_weights_ = AlignedArray(rows_);
    scaled_ = AlignedArray(rows_);
    scores_ = AlignedArray(rows_);  // the last: it stands for all three
  }
  const std::size_t samples = p.shape.front();
  objective_->score(t, p, scores_.array().first(rows_));

  // row_weights_ = d(loss)/d(score), built factor by factor from the formula's last line upwards.
  const std::size_t weighted = weights ? weights.size() : samples;
  const std::size_t rows_per_weight = rows_ / weighted;
  double counted = static_cast<double>(weighted);
  if (weights)
    counted -=
        static_cast<double>(std::count(weights.array().begin(), weights.array().end(), Scalar{0}));
  double mask_factor = 1;
  if (mask) {
    double sum = 0;
    for (const Scalar m : mask.array()) sum += m;
    mask_factor = sum > 0 ? static_cast<double>(mask.size()) / sum : 0;
  }
  const double common =
      counted > 0 ? mask_factor / (static_cast<double>(rows_per_weight) * counted) : 0;
  const std::size_t rows_per_step = mask ? rows_ / mask.size() : 1;
  double loss = 0;
  for (std::size_t r = 0; r < rows_; ++r) {
    double weight = common;
    if (weights) weight *= weights.data[r / rows_per_weight];
    if (mask) weight *= mask.data[r / rows_per_step];
    row_weights_.data()[r] = static_cast<Scalar>(weight);
    if (weight != 0) loss += weight * scores_.data()[r];
  }
  return loss;
}

void OutputLoss::gradient(ConstView t, ConstView p, double factor, bool before_activation,
                          View dp) {
  ConstArray weights = row_weights_.array().first(rows_);
  if (factor != 1) {
    std::transform(weights.begin(), weights.end(), scaled_.data(),
                   [factor](Scalar weight) { return static_cast<Scalar>(factor * weight); });
    weights = scaled_.array().first(rows_);
  }
  if (before_activation)
    objective_->joint_gradient(t, p, weights, dp);
  else
    objective_->gradient(t, p, weights, dp);
}

}  // namespace cornu
