// Precision, recall and F1 over everything seen, from three counts a class.

#include "cornu/core/error.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"

namespace cornu::detail {
namespace {

/// How often a class was predicted rightly, was predicted, and was true.
struct ClassCounts {
  double hits, predictions, truths;
};

// 0 where it would be 0 / 0.
double ratio(double some, double all) { return all == 0 ? 0 : some / all; }

double precision(const ClassCounts& c) { return ratio(c.hits, c.predictions); }
double recall(const ClassCounts& c) { return ratio(c.hits, c.truths); }
// The same as the harmonic mean of precision and recall.
double f1(const ClassCounts& c) { return ratio(2 * c.hits, c.truths + c.predictions); }

using Measure = double (*)(const ClassCounts&);

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
        sums_(counts_of(binary_ ? 2 : classes)) {}

  std::string_view label() const override { return label_; }
  void reset() override { std::fill(sums_.begin(), sums_.end(), 0); }
  void update(ConstView t, ConstView p) override { add(t, p, {}); }
  bool takes_weights() const override { return true; }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    add(t, p, weights);
  }

  double value() const override {
    if (binary_) return measure_(of(1));
    double sum = 0;
    std::size_t seen = 0;
    for (std::size_t c = 0; c < classes(); ++c) {
      const ClassCounts counts = of(c);
      if (counts.predictions + counts.truths == 0) continue;
      sum += measure_(counts);
      ++seen;
    }
    return seen == 0 ? 0 : sum / static_cast<double>(seen);
  }

  StateArrays state_arrays() const override { return {{"counts", sums_to_tensor(sums_)}}; }
  void set_state_arrays(const StateArrays& arrays) override {
    if (!arrays.empty())
      sums_ = sums_from_tensor(find_state_array(arrays, "counts", label_), sums_.size(), label_);
  }
  /// Checkpoints before 0.5 held a count for each pair of classes, row by row of the true ones.
  void set_state(std::span<const double> state) override {
    if (state.empty()) return;
    const std::size_t C = classes();
    check_state(state, C * C, label_);
    std::vector<double> sums(sums_.size());
    for (std::size_t truth = 0; truth < C; ++truth)
      for (std::size_t predicted = 0; predicted < C; ++predicted) {
        const auto count = static_cast<double>(count_of(state[truth * C + predicted], label_));
        if (truth == predicted) sums[3 * truth] += count;
        sums[3 * predicted + 1] += count;
        sums[3 * truth + 2] += count;
      }
    sums_ = std::move(sums);
  }

 private:
  static std::size_t counts_of(std::size_t classes) {
    // Class numbers beyond 2^24 are no numbers of single precision.
    if (classes > std::size_t{1} << 24)
      throw ConfigError("compile", "precision, recall and f1 count up to 16777216 classes, got " +
                                       std::to_string(classes));
    return 3 * classes;
  }
  std::size_t classes() const { return sums_.size() / 3; }
  ClassCounts of(std::size_t c) const { return {sums_[3 * c], sums_[3 * c + 1], sums_[3 * c + 2]}; }

  void count(std::size_t truth, std::size_t predicted, double weight) {
    if (truth == predicted) sums_[3 * truth] += weight;
    sums_[3 * predicted + 1] += weight;
    sums_[3 * truth + 2] += weight;
  }

  /// Without weights each row counts once.
  void add(ConstView t, ConstView p, ConstArray weights) {
    const std::size_t D = p.shape.back();
    if (binary_) {
      require_equal_shapes(label_, t, p);
      for (std::size_t i = 0; i < p.size(); ++i) class_number(t.data[i], label_, 2, i / D);
      for (std::size_t i = 0; i < p.size(); ++i)
        count(static_cast<std::size_t>(t.data[i]),
              static_cast<std::size_t>(static_cast<double>(p.data[i]) >= threshold_),
              weights.empty() ? 1 : static_cast<double>(weights[i / D]));
      return;
    }
    const bool numbers = has_class_numbers(label_, t, p);
    if (D != classes())
      throw ShapeError(label_, "expected predictions with " + std::to_string(classes()) +
                                   " columns, got shape " + p.shape.to_string());
    const std::vector<std::size_t>& predictions = predictions_.of(p);
    if (numbers)
      for (std::size_t r = 0; r < predictions.size(); ++r)
        class_number(t.data[r], label_, classes(), r);
    const std::vector<std::size_t>* truths = numbers ? nullptr : &truths_.of(t);
    for (std::size_t r = 0; r < predictions.size(); ++r)
      count(numbers ? static_cast<std::size_t>(t.data[r]) : (*truths)[r], predictions[r],
            weights.empty() ? 1 : static_cast<double>(weights[r]));
  }

  std::string label_;
  Measure measure_;
  bool binary_;
  double threshold_;
  std::vector<double> sums_;  ///< (C, 3): ClassCounts; exact as long as the weights are whole
  GreatestColumns truths_, predictions_;
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
  table.push_back(entry("precision", precision));
  // Of what is of a class, the part that was predicted so; for one class or several as precision.
  table.push_back(entry("recall", recall));
  // The harmonic mean of precision and recall, class by class as they.
  table.push_back(entry("f1", f1));
}

}  // namespace cornu::detail
