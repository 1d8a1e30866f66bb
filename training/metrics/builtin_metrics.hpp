#pragma once

// Not a public header.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/training/metrics/metric.hpp"

namespace cornu::detail {

using MakeMetric = std::function<MetricPtr(const MetricContext&)>;
using MetricTable = std::vector<std::pair<std::string, MakeMetric>>;

/// The tables of built-in metrics.
void add_accuracies(MetricTable& table);
void add_class_metrics(MetricTable& table);
void add_auc(MetricTable& table);
void add_regression_metrics(MetricTable& table);

/// Names that metrics may be asked for by, and the labels under which they then report.
inline constexpr std::pair<std::string_view, std::string_view> metric_aliases[] = {
    {"accuracy", "acc"}, {"root_mean_squared_error", "rmse"}, {"r2_score", "r2"}};

/// The mean of an objective's scores over all rows.
MetricPtr objective_metric(std::string_view objective);

/// The label of a metric: its name, and its arguments when it has some.
std::string metric_label(const std::string& name, const MetricContext& context);
/// Reads "k=3, threshold=0.4"; throws FormatError on what `describe` does not know.
void read_arguments(const std::function<void(Fields&)>& describe, const std::string& name,
                    const MetricContext& context);
/// Throws ConfigError when there are arguments.
void refuse_arguments(const std::string& name, const MetricContext& context);

/// Throws ShapeError unless t and p have one shape.
void require_equal_shapes(std::string_view metric, ConstView t, ConstView p);
/// Throws ShapeError unless t has p's shape, or p's with a last axis of 1: class numbers. True for
/// class numbers.
bool has_class_numbers(std::string_view metric, ConstView t, ConstView p);
/// Throws FormatError unless a metric's saved state has `size` numbers.
void check_state(std::span<const double> state, std::size_t size, std::string_view metric);
/// A count in a metric's saved state. Throws FormatError for a number that is none.
std::uint64_t count_of(double number, std::string_view metric);
/// A sum of weights in a metric's saved state: finite, not negative. Throws FormatError.
double sum_of(double number, std::string_view metric);
/// The class number that stands in a row of targets. Throws ConfigError for what is none.
std::size_t class_number(Scalar number, std::string_view metric, std::size_t classes,
                         std::size_t row);
/// The column of a row's greatest number, the first one of several.
std::size_t greatest(const Scalar* row, std::size_t columns);
/// The same of each row of p (..., D).
class GreatestColumns {
 public:
  /// Valid until the next call.
  const std::vector<std::size_t>& of(ConstView p);

 private:
  std::vector<std::size_t> columns_;
};

}  // namespace cornu::detail
