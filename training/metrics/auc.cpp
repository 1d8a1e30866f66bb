#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"

namespace cornu::detail {
namespace {

/// The area under the receiver operating characteristic: the probability that a random positive
/// sample is predicted higher than a random negative one, ties counting a half (Mann and Whitney).
/// Exact, so every prediction is kept until `reset`. With several columns each is a question of its
/// own (one class against the rest), and the value is the mean over those that have both answers.
class AreaUnderCurve final : public Metric {
 public:
  std::string_view label() const override { return "auc"; }

  void reset() override {
    for (Column& column : columns_) {
      column.seen.clear();
      column.sorted = 0;
    }
  }

  void update(ConstView t, ConstView p) override {
    const std::size_t D = p.shape.back(), rows = p.shape.rows();
    const bool class_numbers = has_class_numbers(label(), t, p) && D > 1;
    if (columns_.size() != D) columns_.assign(D, {});
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < D; ++c) {
        const Scalar prediction = p.data[r * D + c];
        const bool positive =
            class_numbers ? t.data[r] == static_cast<Scalar>(c) : t.data[r * D + c] > Scalar{0.5};
        columns_[c].seen.push_back({in_order(prediction), positive});
      }
  }

  double value() const override {
    double sum = 0;
    std::size_t answered = 0;
    for (Column& column : columns_) {
      const double area = column.area();
      if (area < 0) continue;
      sum += area;
      ++answered;
    }
    return answered == 0 ? 0 : sum / static_cast<double>(answered);
  }

  /// For each column the number of predictions, then these, each with 1 where it was positive.
  StateArrays state_arrays() const override {
    StateArrays arrays;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::vector<Entry>& seen = columns_[c].seen;
      if (seen.empty()) continue;
      Tensor values(Shape{seen.size(), 2});
      for (std::size_t i = 0; i < seen.size(); ++i) {
        values(i, 0) = seen[i].prediction;
        values(i, 1) = seen[i].positive ? 1 : 0;
      }
      arrays.push_back({std::to_string(c), std::move(values)});
    }
    return arrays;
  }
  void set_state_arrays(const StateArrays& arrays) override {
    if (arrays.empty()) return;
    std::vector<Column> columns(arrays.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const Tensor& values = find_state_array(arrays, std::to_string(c), label());
      if (values.shape().rank() != 2 || values.shape()[1] != 2)
        throw FormatError(label(), "expected predictions and truths of shape (N, 2), got " +
                                       values.shape().to_string());
      for (std::size_t i = 0; i < values.shape()[0]; ++i) {
        if (std::isnan(values(i, 0))) throw FormatError(label(), "expected predictions, got NaN");
        columns[c].seen.push_back({values(i, 0), values(i, 1) != 0});
      }
    }
    columns_ = std::move(columns);
  }
  /// Checkpoints before 0.5 held what is now in arrays.
  void set_state(std::span<const double> state) override {
    std::vector<Column> columns;
    if (state.empty()) return reset();
    while (!state.empty()) {
      const std::uint64_t count = count_of(state[0], label());
      if (count > (state.size() - 1) / 2) check_state(state, 1 + 2 * count, label());
      Column& column = columns.emplace_back();
      for (std::uint64_t i = 0; i < count; ++i)
        column.seen.push_back({static_cast<Scalar>(state[1 + 2 * i]), state[2 + 2 * i] != 0});
      state = state.subspan(1 + 2 * count);
    }
    columns_ = std::move(columns);
  }

 private:
  /// A NaN has no place in an order; it goes below all numbers. What is infinite is as good as the
  /// greatest number, and can be saved.
  static Scalar in_order(Scalar prediction) {
    constexpr Scalar most = std::numeric_limits<Scalar>::max();
    return std::isnan(prediction) ? -most : std::clamp(prediction, -most, most);
  }

  struct Entry {
    Scalar prediction;
    bool positive;
    bool operator<(const Entry& other) const { return prediction < other.prediction; }
  };

  struct Column {
    std::vector<Entry> seen;
    std::size_t sorted = 0;  ///< how many of them are in order already

    /// Below zero when there are no positive or no negative samples.
    double area() {
      const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(sorted);
      std::sort(middle, seen.end());
      std::inplace_merge(seen.begin(), middle, seen.end());
      sorted = seen.size();

      double pairs = 0, negatives = 0, positives = 0;
      for (std::size_t i = 0; i < seen.size();) {
        double equal_negatives = 0, equal_positives = 0;
        const Scalar prediction = seen[i].prediction;
        for (; i < seen.size() && seen[i].prediction == prediction; ++i)
          (seen[i].positive ? equal_positives : equal_negatives) += 1;
        pairs += equal_positives * (negatives + equal_negatives / 2);
        negatives += equal_negatives;
        positives += equal_positives;
      }
      return negatives == 0 || positives == 0 ? -1 : pairs / (negatives * positives);
    }
  };

  // `value` brings what is new into order, so that asking after every batch stays cheap.
  mutable std::vector<Column> columns_;
};

}  // namespace

void add_auc(MetricTable& table) {
  // The area under the receiver operating characteristic: the probability that a random positive
  // sample is predicted higher than a random negative one, ties counting a half. With several
  // columns, the mean over them.
  table.emplace_back("auc", [](const MetricContext& context) {
    refuse_arguments("auc", context);
    return std::make_unique<AreaUnderCurve>();
  });
}

}  // namespace cornu::detail
