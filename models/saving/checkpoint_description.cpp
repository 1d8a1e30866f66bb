// A checkpoint's section `fit` as JSON: where the run stood, and what must not change.

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/models/saving/checkpoints.hpp"

namespace cornu {
namespace {

using nlohmann::json;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

// Numbers that JSON has none for are words, as in weights.
json number_json(double value) {
  return std::isfinite(value) ? json(value) : json(detail::number_text(value));
}

json numbers_json(const std::vector<double>& values) {
  json result = json::array();
  for (const double value : values) result.push_back(number_json(value));
  return result;
}

double read_number(const json& value, const std::string& path) {
  if (value.is_number()) return value.get<double>();
  for (const double word :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()})
    if (value == detail::number_text(word)) return word;
  throw FormatError(path, "expected a number, got " + detail::describe_value(value));
}

const json& array_at(detail::ObjectReader& reader, const char* key) {
  const json& value = reader.at(key);
  if (!value.is_array())
    throw FormatError(reader.path_of(key),
                      "expected an array, got " + detail::describe_value(value));
  return value;
}

std::vector<double> read_numbers(const json& values, const std::string& path) {
  if (!values.is_array())
    throw FormatError(path, "expected an array, got " + detail::describe_value(values));
  std::vector<double> result;
  for (const json& value : values) result.push_back(read_number(value, path));
  return result;
}

json history_json(const History& history) {
  json names = json::array(), values = json::array();
  for (const std::string& name : history.names()) {
    names.push_back(name);
    values.push_back(numbers_json(history[name]));
  }
  return {{"epochs", history.epochs()}, {"names", names}, {"values", values}};
}

History read_history(const json& object, const std::string& path) {
  detail::ObjectReader reader(object, path);
  auto names = std::make_shared<std::vector<std::string>>();
  for (const json& name : array_at(reader, "names"))
    names->push_back(name.is_string() ? name.get<std::string>() : "");
  std::vector<std::vector<double>> columns;
  const std::vector<double> epochs = read_numbers(reader.at("epochs"), reader.path_of("epochs"));
  for (const json& column : array_at(reader, "values"))
    columns.push_back(read_numbers(column, reader.path_of("values")));
  reader.finish();
  const bool whole = columns.size() == names->size() &&
                     std::all_of(columns.begin(), columns.end(), [&](const auto& column) {
                       return column.size() == epochs.size();
                     });
  if (!whole) throw FormatError(path, "expected one value for each name and epoch");
  History history;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    Scores scores(names);
    for (std::size_t c = 0; c < columns.size(); ++c) scores.set(c, columns[c][i]);
    history.append(static_cast<std::size_t>(std::max(0.0, epochs[i])), scores);
  }
  return history;
}

}  // namespace

json Checkpoints::description(const FitState& state, bool ended, detail::KeptArrays& arrays) const {
  json metrics = json::array();
  for (std::size_t i = 0; i < state.metrics.size(); ++i) {
    metrics.push_back(numbers_json(state.metrics[i].numbers));
    arrays.add(detail::owner_of_metric(i), state.metrics[i].arrays);
  }
  return {{"epoch", state.epoch},
          {"batch", state.batch},
          {"samples_done", state.samples},
          {"loss_sums", numbers_json(state.loss_sums)},
          {"metrics", std::move(metrics)},
          {"history", history_json(state.history)},
          {"best", monitor_.state()},
          {"stopped", ended},
          {"epochs_before", epochs_before_},
          {"initial_epoch", options_.initial_epoch},
          {"batch_size", options_.batch_size},
          {"samples", samples_}};
}

void Checkpoints::read_description(const json& fit) {
  detail::ObjectReader reader(fit, "training.fit");
  FitState state;
  state.epoch = reader.integer("epoch", 0, most);
  state.batch = reader.integer("batch", 0, most);
  state.samples = reader.integer("samples_done", 0, most);
  state.loss_sums = read_numbers(reader.at("loss_sums"), reader.path_of("loss_sums"));
  for (const json& metric : array_at(reader, "metrics"))
    state.metrics.push_back({read_numbers(metric, reader.path_of("metrics")), {}});
  state.history = read_history(reader.at("history"), reader.path_of("history"));
  detail::Monitor monitor = monitor_;
  monitor.set_state(reader.at("best"));
  const bool stopped = reader.boolean("stopped");
  const std::uint64_t epochs_before = reader.integer("epochs_before", 0, most);
  const auto same = [&](const char* key, std::size_t now) {
    if (const std::uint64_t then = reader.integer(key, 0, most); then != now)
      throw FormatError(
          reader.path_of(key),
          "the run had " + std::to_string(then) + ", now it is " + std::to_string(now),
          "resume with the interrupted run's data and options");
  };
  same("initial_epoch", options_.initial_epoch);
  same("batch_size", options_.batch_size);
  same("samples", samples_);
  reader.finish();
  from_ = std::move(state);
  monitor_ = std::move(monitor);
  stopped_ = stopped;
  epochs_before_ = epochs_before;
}

}  // namespace cornu
