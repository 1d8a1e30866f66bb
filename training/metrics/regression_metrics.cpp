// How well numbers are predicted: the root of the mean squared error, and R².

#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"

namespace cornu::detail {
namespace {

/// sqrt(mean((t - p)²)) over all elements since `reset`; not the mean of the batches' roots.
class RootMeanSquaredError final : public Metric {
 public:
  std::string_view label() const override { return "rmse"; }
  void reset() override { squares_ = seen_ = 0; }
  void update(ConstView t, ConstView p) override { add(t, p, {}); }
  bool takes_weights() const override { return true; }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    add(t, p, weights);
  }
  double value() const override { return seen_ == 0 ? 0 : std::sqrt(squares_ / seen_); }
  std::vector<double> state() const override { return {squares_, seen_}; }
  void set_state(std::span<const double> state) override {
    check_state(state, 2, label());
    squares_ = state[0];
    seen_ = sum_of(state[1], label());
  }

 private:
  void add(ConstView t, ConstView p, ConstArray weights) {
    require_equal_shapes(label(), t, p);
    const std::size_t D = p.shape.back();
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double weight = weights.empty() ? 1 : static_cast<double>(weights[i / D]);
      const double error = static_cast<double>(t.data[i]) - static_cast<double>(p.data[i]);
      if (weight == 0) continue;
      squares_ += weight * error * error;
      seen_ += weight;
    }
  }

  double squares_ = 0, seen_ = 0;
};

/// The coefficient of determination of each column, 1 - sum (t - p)² / sum (t - mean t)², and of
/// these the mean: 1 for perfect predictions, 0 for the mean of the targets. A column whose targets
/// are all equal has 1 when it is predicted exactly, else 0 (scikit-learn's r2_score).
class CoefficientOfDetermination final : public Metric {
 public:
  explicit CoefficientOfDetermination(std::size_t columns) : sums_(4 * columns) {}

  std::string_view label() const override { return "r2"; }
  void reset() override { std::fill(sums_.begin(), sums_.end(), 0); }
  void update(ConstView t, ConstView p) override { add(t, p, {}); }
  bool takes_weights() const override { return true; }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    add(t, p, weights);
  }
  double value() const override {
    double sum = 0;
    for (std::size_t at = 0; at < sums_.size(); at += 4) {
      const double total = sums_[at + spread], residual = sums_[at + squares];
      if (sums_[at + seen] == 0) return 0;
      sum += total != 0 ? 1 - residual / total : residual == 0 ? 1 : 0;
    }
    return sum * 4 / static_cast<double>(sums_.size());
  }
  std::vector<double> state() const override { return sums_; }
  void set_state(std::span<const double> state) override {
    check_state(state, sums_.size(), label());
    sums_.assign(state.begin(), state.end());
  }

 private:
  // What is kept of a column: the weight of its rows, the mean of its targets, the sum of their
  // squared distances from it, the sum of the squared errors.
  enum Kept { seen, mean, spread, squares };

  void add(ConstView t, ConstView p, ConstArray weights) {
    require_equal_shapes(label(), t, p);
    const std::size_t D = p.shape.back();
    if (4 * D != sums_.size())
      throw ShapeError(label(), "expected predictions with " + std::to_string(sums_.size() / 4) +
                                    " columns, got shape " + p.shape.to_string());
    for (std::size_t i = 0; i < p.size(); ++i) {
      const double weight = weights.empty() ? 1 : static_cast<double>(weights[i / D]);
      if (weight == 0) continue;
      double* sums = sums_.data() + 4 * (i % D);
      const auto truth = static_cast<double>(t.data[i]);
      const double error = truth - static_cast<double>(p.data[i]);
      // Welford's running mean and spread: sums of squares would cancel.
      sums[seen] += weight;
      const double before = truth - sums[mean];
      sums[mean] += before * weight / sums[seen];
      sums[spread] += weight * before * (truth - sums[mean]);
      sums[squares] += weight * error * error;
    }
  }

  std::vector<double> sums_;  ///< (D, 4)
};

MetricPtr make_rmse(const MetricContext& context) {
  refuse_arguments("rmse", context);
  return std::make_unique<RootMeanSquaredError>();
}

MetricPtr make_r2(const MetricContext& context) {
  refuse_arguments("r2", context);
  const Shape& shape = context.output_shape;
  return std::make_unique<CoefficientOfDetermination>(shape.empty() ? 1 : shape.back());
}

}  // namespace

void add_regression_metrics(MetricTable& table) {
  // The root of the mean squared error over all elements.
  table.emplace_back("rmse", make_rmse);
  // As rmse.
  table.emplace_back("root_mean_squared_error", make_rmse);
  // The coefficient of determination R²: 1 for perfect predictions, 0 for the targets' mean; with
  // several columns, the mean over them.
  table.emplace_back("r2", make_r2);
  // As r2.
  table.emplace_back("r2_score", make_r2);
}

}  // namespace cornu::detail
