#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/training/state_array.hpp"

namespace cornu {

/// A running measurement. What `update` sees accumulates until `reset`; nothing allocates after the
/// first `update` of a shape (but `auc`, which keeps what it sees). The `metrics` of `compile`
/// ignore masks and sample weights, as Keras 1's do; its `weighted_metrics` take both.
class CORNU_API Metric {
 public:
  virtual ~Metric();

  /// The name under which results are reported: "acc".
  virtual std::string_view label() const = 0;
  virtual void reset() = 0;
  /// Adds a batch: targets t and predictions p (N, ..., D). Throws ShapeError, ConfigError when
  /// they do not fit each other or the metric.
  virtual void update(ConstView t, ConstView p) = 0;
  /// Whether the metric can be one of the `weighted_metrics`.
  virtual bool takes_weights() const { return false; }
  /// The same with a weight of at least 0 for each row of p, a row being all of its last axis: rows
  /// count so many times. Throws ConfigError unless `takes_weights`.
  virtual void update_weighted(ConstView t, ConstView p, ConstArray weights);
  /// The value over everything since `reset`; 0 when nothing was seen.
  virtual double value() const = 0;

  /// What was seen since `reset`, so that an epoch can be interrupted and resumed: a few numbers,
  /// and in arrays what grows with the samples or the classes. A metric without such a state
  /// counts, after that, the rest of the epoch only.
  virtual std::vector<double> state() const { return {}; }
  virtual StateArrays state_arrays() const { return {}; }
  /// Takes what `state` and `state_arrays` gave, the numbers first. Throws FormatError, unchanged,
  /// for what they cannot have given.
  virtual void set_state(std::span<const double> /*state*/) {}
  virtual void set_state_arrays(const StateArrays& /*arrays*/) {}
};

/// The state of one metric.
struct MetricState {
  std::vector<double> numbers = {};
  StateArrays arrays = {};
};

using MetricPtr = std::unique_ptr<Metric>;

/// What a metric may depend on when `compile` makes it.
struct MetricContext {
  Shape output_shape;          ///< of a sample
  std::string objective_name;  ///< "accuracy" becomes binary, categorical or sparse by these two
  std::string arguments;       ///< what stood in parentheses after the name: "k=3"
};

/// A metric of that name, with options in parentheses where it has some:
/// "top_k_categorical_accuracy(k=3)". Every objective is a metric too, the mean of its scores.
/// Throws ConfigError with the nearest known name, FormatError for options that it does not take.
CORNU_API MetricPtr make_metric(std::string_view name, const MetricContext& context,
                                std::string_view place = "compile");
/// Makes a metric known by name. Throws ConfigError when the name is taken.
CORNU_API void register_metric(const std::string& name,
                               std::function<MetricPtr(const MetricContext&)> make);
/// A metric that is the mean over all samples of `function(t, p)`, the mean over one batch.
CORNU_API void register_metric(const std::string& name,
                               std::function<double(ConstView t, ConstView p)> function);
/// The metrics' own names, sorted, without the objectives' and without "acc", "accuracy"'s other.
CORNU_API std::vector<std::string> metric_names();

}  // namespace cornu
