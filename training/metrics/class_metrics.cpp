// Precision, recall and F1 over everything seen, from a confusion matrix.

#include <optional>

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"
#include "cornu/training/metrics/confusion_matrix.hpp"

namespace cornu::detail {
namespace {

using Measure = double (ConfusionMatrix::*)(std::size_t) const;

/// Of a model with one column, or trained with the binary cross-entropy: the measure of class 1
/// over all elements, predicted from `threshold` on. Of a model that chooses one of several
/// classes: the mean of the measure over the classes that were seen ("macro").
class ClassMetric final : public Metric {
 public:
  ClassMetric(std::string label, Measure measure, std::size_t classes, double threshold)
      : label_(std::move(label)),
        measure_(measure),
        binary_(classes == 0),
        threshold_(threshold),
        matrix_(binary_ ? 2 : classes) {}

  std::string_view label() const override { return label_; }
  void reset() override { matrix_.reset(); }

  void update(ConstView t, ConstView p) override {
    if (!binary_) return matrix_.update(t, p);
    require_equal_shapes(label_, t, p);
    const Shape elements{p.size(), 1};
    matrix_.update({t.data, elements}, {p.data, elements}, threshold_);
  }

  double value() const override {
    if (binary_) return (matrix_.*measure_)(1);
    double sum = 0;
    std::size_t seen = 0;
    for (std::size_t c = 0; c < matrix_.classes(); ++c)
      if (matrix_.seen(c)) {
        sum += (matrix_.*measure_)(c);
        ++seen;
      }
    return seen == 0 ? 0 : sum / static_cast<double>(seen);
  }

  std::vector<double> state() const override {
    return {matrix_.counts().begin(), matrix_.counts().end()};
  }
  void set_state(std::span<const double> state) override {
    check_state(state, matrix_.counts().size(), label());
    std::vector<std::uint64_t> counts;
    for (const double count : state) counts.push_back(count_of(count, label()));
    matrix_.set_counts(std::move(counts));
  }

 private:
  std::string label_;
  Measure measure_;
  bool binary_;
  double threshold_;
  ConfusionMatrix matrix_;
};

std::pair<std::string, MakeMetric> entry(const char* name, Measure measure) {
  return {name, [name, measure](const MetricContext& context) {
            double threshold = 0.5;
            read_arguments(
                [&threshold](Fields& fields) {
                  fields.field("threshold", threshold, Range::closed(0, 1),
                               "from where on a prediction counts as class 1");
                },
                name, context);
            const std::size_t columns =
                context.output_shape.empty() ? 1 : context.output_shape.back();
            const bool binary = columns == 1 || context.objective_name == "binary_crossentropy";
            return std::make_unique<ClassMetric>(metric_label(name, context), measure,
                                                 binary ? 0 : columns, threshold);
          }};
}

}  // namespace

void add_class_metrics(MetricTable& table) {
  // Of what was predicted as a class, the part that is of it. With one column of output, or the
  // binary cross-entropy, of class 1, predicted from a threshold on (0.5 unless given:
  // "precision(threshold=0.4)"); else the mean over the classes that were seen.
  table.push_back(entry("precision", &ConfusionMatrix::precision));
  // Of what is of a class, the part that was predicted so; for one class or several as precision.
  table.push_back(entry("recall", &ConfusionMatrix::recall));
  // The harmonic mean of precision and recall, class by class as they.
  table.push_back(entry("f1", &ConfusionMatrix::f1));
}

}  // namespace cornu::detail
