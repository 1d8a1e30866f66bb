#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"
#include "cornu/training/objectives/objective.hpp"

namespace cornu::detail {
namespace {

/// The part of what was seen that was right.
class Accuracy : public Metric {
 public:
  explicit Accuracy(std::string label) : label_(std::move(label)) {}
  std::string_view label() const final { return label_; }
  void reset() final { right_ = seen_ = 0; }
  double value() const final { return seen_ == 0 ? 0 : right_ / seen_; }
  bool takes_weights() const final { return true; }
  std::vector<double> state() const final { return {right_, seen_}; }
  void set_state(std::span<const double> state) final {
    detail::check_state(state, 2, label());
    const double right = detail::sum_of(state[0], label());
    seen_ = detail::sum_of(state[1], label());
    right_ = right;
  }

 protected:
  void add(std::size_t right, std::size_t seen) {
    right_ += static_cast<double>(right);
    seen_ += static_cast<double>(seen);
  }
  /// The same for one row.
  void add(bool right, Scalar weight) {
    right_ += right ? static_cast<double>(weight) : 0;
    seen_ += static_cast<double>(weight);
  }

 private:
  std::string label_;
  double right_ = 0, seen_ = 0;  ///< of elements or rows; exact as long as the weights are whole
};

/// mean(t == round(p)) over all elements; a half is rounded away from zero.
class BinaryAccuracy final : public Accuracy {
 public:
  using Accuracy::Accuracy;
  void update(ConstView t, ConstView p) override {
    require_equal_shapes(label(), t, p);
    std::size_t right = 0;
    for (std::size_t i = 0; i < p.size(); ++i) right += t.data[i] == std::round(p.data[i]);
    add(right, p.size());
  }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    require_equal_shapes(label(), t, p);
    const std::size_t D = p.shape.back();
    for (std::size_t i = 0; i < p.size(); ++i)
      add(t.data[i] == std::round(p.data[i]), weights[i / D]);
  }
};

/// mean(argmax t == argmax p) over all rows.
class CategoricalAccuracy final : public Accuracy {
 public:
  using Accuracy::Accuracy;
  void update(ConstView t, ConstView p) override {
    require_equal_shapes(label(), t, p);
    const auto &truths = truths_.of(t), &predictions = predictions_.of(p);
    std::size_t right = 0;
    for (std::size_t r = 0; r < truths.size(); ++r) right += truths[r] == predictions[r];
    add(right, truths.size());
  }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    require_equal_shapes(label(), t, p);
    const auto &truths = truths_.of(t), &predictions = predictions_.of(p);
    for (std::size_t r = 0; r < truths.size(); ++r) add(truths[r] == predictions[r], weights[r]);
  }

 private:
  GreatestColumns truths_, predictions_;
};

/// mean(t == argmax p) over all rows; t holds class numbers.
class SparseCategoricalAccuracy final : public Accuracy {
 public:
  using Accuracy::Accuracy;
  void update(ConstView t, ConstView p) override {
    const std::vector<std::size_t>& predictions = predictions_of(t, p);
    std::size_t right = 0;
    for (std::size_t r = 0; r < predictions.size(); ++r)
      right += t.data[r] == static_cast<Scalar>(predictions[r]);
    add(right, predictions.size());
  }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    const std::vector<std::size_t>& predictions = predictions_of(t, p);
    for (std::size_t r = 0; r < predictions.size(); ++r)
      add(t.data[r] == static_cast<Scalar>(predictions[r]), weights[r]);
  }

 private:
  const std::vector<std::size_t>& predictions_of(ConstView t, ConstView p) {
    if (!has_class_numbers(label(), t, p))
      throw ShapeError(label(), "expected class numbers in one column, got targets of shape " +
                                    t.shape.to_string());
    return predictions_.of(p);
  }

  GreatestColumns predictions_;
};

/// The part of the rows whose class is among the k greatest predictions; others that are equal to
/// its own do not count against it.
class TopKCategoricalAccuracy final : public Accuracy {
 public:
  TopKCategoricalAccuracy(std::string label, std::size_t k) : Accuracy(std::move(label)), k_(k) {}
  void update(ConstView t, ConstView p) override {
    const bool numbers = has_class_numbers(label(), t, p);
    const std::size_t rows = p.shape.rows();
    std::size_t right = 0;
    for (std::size_t r = 0; r < rows; ++r) right += is_right(t, p, numbers, r);
    add(right, rows);
  }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    const bool numbers = has_class_numbers(label(), t, p);
    for (std::size_t r = 0; r < weights.size(); ++r) add(is_right(t, p, numbers, r), weights[r]);
  }

 private:
  bool is_right(ConstView t, ConstView p, bool numbers, std::size_t r) const {
    const std::size_t D = p.shape.back();
    const Scalar* p_r = p.data + r * D;
    const std::size_t truth = numbers ? class_of(t.data[r], D) : greatest(t.data + r * D, D);
    if (truth == D || std::isnan(p_r[truth])) return false;
    std::size_t above = 0;
    for (std::size_t i = 0; i < D; ++i) above += p_r[i] > p_r[truth];
    return above < k_;
  }

  /// The class, or `classes` for what is none.
  static std::size_t class_of(Scalar number, std::size_t classes) {
    const bool valid = number >= 0 && number < static_cast<Scalar>(classes);
    return valid ? static_cast<std::size_t>(number) : classes;
  }

  std::size_t k_;
};

template <class T>
std::pair<std::string, MakeMetric> entry(const char* name) {
  return {name, [name](const MetricContext& context) {
            refuse_arguments(name, context);
            return std::make_unique<T>(name);
          }};
}

/// Keras 1.0.2's choice: binary for one column, else by the loss.
MetricPtr make_accuracy(const MetricContext& context) {
  refuse_arguments("accuracy", context);
  const Shape& shape = context.output_shape;
  if (!shape.empty() && shape.back() == 1) return std::make_unique<BinaryAccuracy>("acc");
  if (context.objective_name == "sparse_categorical_crossentropy")
    return std::make_unique<SparseCategoricalAccuracy>("acc");
  return std::make_unique<CategoricalAccuracy>("acc");
}

MetricPtr make_top_k(const MetricContext& context) {
  const std::string name = "top_k_categorical_accuracy";
  std::size_t k = 5;
  read_arguments(
      [&k](Fields& fields) {
        fields.field("k", k, Range::at_least(1), "how many guesses a prediction has");
      },
      name, context);
  return std::make_unique<TopKCategoricalAccuracy>(metric_label(name, context), k);
}

}  // namespace

void add_accuracies(MetricTable& table) {
  // The binary accuracy for one column of output; else the sparse one if the loss is
  // sparse_categorical_crossentropy, else the categorical one. Shown as "acc".
  table.emplace_back("accuracy", make_accuracy);
  // As accuracy.
  table.emplace_back("acc", make_accuracy);
  // mean(t == round(p)) over all elements; a half is rounded away from zero.
  table.push_back(entry<BinaryAccuracy>("binary_accuracy"));
  // mean(argmax t == argmax p) over all rows.
  table.push_back(entry<CategoricalAccuracy>("categorical_accuracy"));
  // mean(t == argmax p) over all rows; t holds class numbers.
  table.push_back(entry<SparseCategoricalAccuracy>("sparse_categorical_accuracy"));
  // The part of the rows whose class is among the k greatest predictions, k = 5 unless given:
  // "top_k_categorical_accuracy(k=3)".
  table.emplace_back("top_k_categorical_accuracy", make_top_k);
}

}  // namespace cornu::detail
