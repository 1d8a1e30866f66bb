#include "cornu/training/metrics/metric.hpp"
#include "cornu/core/error.hpp"
#include "cornu/kernels/rows/rows.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/training/metrics/builtin_metrics.hpp"
#include "cornu/training/objectives/objective.hpp"

namespace cornu {
namespace {

Registry<detail::MakeMetric>& metric_registry() {
  static auto& metrics = *[] {
    detail::MetricTable table;
    detail::add_accuracies(table);
    detail::add_class_metrics(table);
    detail::add_auc(table);
    detail::add_regression_metrics(table);
    return new Registry<detail::MakeMetric>("metric", std::move(table));
  }();
  return metrics;
}

/// The mean over samples of a function of the user's.
class FunctionMetric final : public Metric {
 public:
  FunctionMetric(std::string name, std::function<double(ConstView, ConstView)> function)
      : name_(std::move(name)), function_(std::move(function)) {}

  std::string_view label() const override { return name_; }
  void reset() override { sum_ = samples_ = 0; }
  void update(ConstView t, ConstView p) override {
    const auto samples = static_cast<double>(p.shape.front());
    sum_ += samples * function_(t, p);
    samples_ += samples;
  }
  double value() const override { return samples_ == 0 ? 0 : sum_ / samples_; }
  std::vector<double> state() const override { return {sum_, samples_}; }
  void set_state(std::span<const double> state) override {
    detail::check_state(state, 2, label());
    sum_ = state[0];
    samples_ = state[1];
  }

 private:
  std::string name_;
  std::function<double(ConstView, ConstView)> function_;
  double sum_ = 0, samples_ = 0;
};

class ObjectiveMetric final : public Metric {
 public:
  explicit ObjectiveMetric(ObjectivePtr objective) : objective_(std::move(objective)) {}

  std::string_view label() const override { return objective_->name(); }
  void reset() override { sum_ = rows_ = 0; }
  void update(ConstView t, ConstView p) override {
    for (const Scalar score : scores(t, p)) sum_ += static_cast<double>(score);
    rows_ += static_cast<double>(p.shape.rows());
  }
  bool takes_weights() const override { return true; }
  void update_weighted(ConstView t, ConstView p, ConstArray weights) override {
    const ConstArray rows = scores(t, p);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      const auto weight = static_cast<double>(weights[r]);
      if (weight == 0) continue;  // the score of a row that does not count may be anything
      sum_ += weight * static_cast<double>(rows[r]);
      rows_ += weight;
    }
  }
  double value() const override { return rows_ == 0 ? 0 : sum_ / rows_; }
  std::vector<double> state() const override { return {sum_, rows_}; }
  void set_state(std::span<const double> state) override {
    detail::check_state(state, 2, label());
    sum_ = state[0];
    rows_ = state[1];
  }

 private:
  /// One number a row, valid until the next call.
  ConstArray scores(ConstView t, ConstView p) {
    objective_->check_shapes(t.shape.without_samples(), p.shape.without_samples(), label());
    objective_->check_targets(t, p.shape.without_samples(), label());
    const std::size_t rows = p.shape.rows();
    if (scores_.size() < rows) scores_.resize(rows);
    objective_->score(t, p, Array(scores_.data(), rows));
    return ConstArray(scores_).first(rows);
  }

  ObjectivePtr objective_;
  std::vector<Scalar> scores_;
  double sum_ = 0, rows_ = 0;
};

/// The names that `make_metric` takes beyond the registry's: the objectives'.
std::vector<std::string> objective_metric_names() {
  std::vector<std::string> result;
  for (const std::string& name : objective_names()) {
    result.push_back(name);
    for (const std::string& alias : objective_aliases(name)) result.push_back(alias);
  }
  return result;
}

}  // namespace

Metric::~Metric() = default;

void Metric::update_weighted(ConstView, ConstView, ConstArray) {
  throw ConfigError(label(), "takes no sample weights", "name it in metrics");
}

void detail::check_state(std::span<const double> state, std::size_t size, std::string_view metric) {
  if (state.size() != size)
    throw FormatError(metric, "expected a state of " + std::to_string(size) + " numbers, got " +
                                  std::to_string(state.size()));
}

std::uint64_t detail::count_of(double number, std::string_view metric) {
  constexpr double most = 9007199254740992;  // 2^53: up to here every whole number is a double
  if (!(number >= 0 && number <= most) || number != std::floor(number))
    throw FormatError(metric, "expected a count, got " + std::to_string(number));
  return static_cast<std::uint64_t>(number);
}

double detail::sum_of(double number, std::string_view metric) {
  if (!(number >= 0 && std::isfinite(number)))
    throw FormatError(metric, "expected a sum of weights, got " + std::to_string(number));
  return number;
}

MetricPtr make_metric(std::string_view name, const MetricContext& context, std::string_view place) {
  MetricContext with_arguments = context;
  if (const std::size_t open = name.find('('); open != std::string_view::npos) {
    if (name.back() != ')')
      throw ConfigError(place, "expected ')' at the end of the metric '" + std::string(name) + "'");
    with_arguments.arguments = name.substr(open + 1, name.size() - open - 2);
    name = name.substr(0, open);
  }
  if (metric_registry().contains(name)) return metric_registry().find(name, place)(with_arguments);

  std::vector<std::string> known = objective_metric_names();
  if (std::find(known.begin(), known.end(), name) != known.end()) {
    detail::refuse_arguments(std::string(name), with_arguments);
    return detail::objective_metric(name);
  }
  const std::vector<std::string> own = metric_registry().names();
  known.insert(known.end(), own.begin(), own.end());
  detail::throw_unknown_name(place, metric_registry().kind(), name, known);
}

void register_metric(const std::string& name, std::function<MetricPtr(const MetricContext&)> make) {
  const std::vector<std::string> taken = objective_metric_names();
  if (std::find(taken.begin(), taken.end(), name) != taken.end())
    throw ConfigError("metric registry", "the name '" + name + "' is taken: an objective's",
                      "register it under another name");
  metric_registry().add(name, std::move(make));
}

void register_metric(const std::string& name,
                     std::function<double(ConstView t, ConstView p)> function) {
  register_metric(name, [name, function = std::move(function)](const MetricContext& context) {
    detail::refuse_arguments(name, context);
    return std::make_unique<FunctionMetric>(name, function);
  });
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names = metric_registry().names();
  for (const auto& [alias, label] : detail::metric_aliases)
    if (alias != "accuracy") std::erase(names, alias);
  std::erase(names, "acc");
  return names;
}

namespace detail {

MetricPtr objective_metric(std::string_view objective) {
  return std::make_unique<ObjectiveMetric>(find_objective(objective));
}

std::string metric_label(const std::string& name, const MetricContext& context) {
  return context.arguments.empty() ? name : name + "(" + context.arguments + ")";
}

void read_arguments(const std::function<void(Fields&)>& describe, const std::string& name,
                    const MetricContext& context) {
  nlohmann::json object = nlohmann::json::object();
  std::string_view rest = context.arguments;
  while (!rest.empty()) {
    std::string_view piece = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    piece.remove_prefix(std::min(piece.size(), piece.find_first_not_of(' ')));
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos || equals == 0)
      throw ConfigError(name,
                        "expected arguments such as '(k=3)', got '(" + context.arguments + ")'");
    const std::string_view text = piece.substr(equals + 1);
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (value.is_discarded()) value = std::string(text);
    object[std::string(piece.substr(0, equals))] = std::move(value);
  }
  read_fields(
      [&](Fields& fields) {
        fields.begin_additions();  // every argument may be left out
        describe(fields);
        fields.end_additions();
      },
      object, name);
}

void refuse_arguments(const std::string& name, const MetricContext& context) {
  if (!context.arguments.empty())
    throw ConfigError(name, "takes no arguments, got '(" + context.arguments + ")'");
}

void require_equal_shapes(std::string_view metric, ConstView t, ConstView p) {
  if (!(t.shape == p.shape))
    throw ShapeError(metric, "expected targets of the predictions' shape " + p.shape.to_string() +
                                 ", got " + t.shape.to_string());
}

bool has_class_numbers(std::string_view metric, ConstView t, ConstView p) {
  const bool numbers = t.shape.rank() == p.shape.rank() && t.shape.back() == 1 &&
                       std::equal(t.shape.begin(), t.shape.end() - 1, p.shape.begin());
  if (!numbers) require_equal_shapes(metric, t, p);
  return numbers;
}

std::size_t class_number(Scalar number, std::string_view metric, std::size_t classes,
                         std::size_t row) {
  if (number >= 0 && number < static_cast<Scalar>(classes) && number == std::floor(number))
    return static_cast<std::size_t>(number);
  throw ConfigError(metric, "expected class numbers from 0 to " + std::to_string(classes - 1) +
                                ", got " + std::to_string(number) + " in row " +
                                std::to_string(row));
}

std::size_t greatest(const Scalar* row, std::size_t columns) {
  std::size_t at = 0;
  kernels::argmax(row, 1, columns, &at);
  return at;
}

const std::vector<std::size_t>& GreatestColumns::of(ConstView p) {
  const std::size_t D = p.shape.back();
  columns_.resize(p.shape.rows());
  kernels::argmax(p.data, columns_.size(), D, columns_.data());
  return columns_;
}

}  // namespace detail
}  // namespace cornu
