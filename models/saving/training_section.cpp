// The section `training` of a file: what was compiled, and how far it got.

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/graph/plan.hpp"
#include "cornu/graph/variables.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/model_json.hpp"
#include "cornu/models/saving/saving_parts.hpp"

namespace cornu::detail {

using nlohmann::json;

nlohmann::json training_json(const Model& model, const Model::Impl& impl) {
  Trainer& trainer = *impl.trainer;
  json outputs = json::array();
  for (std::size_t o = 0; o < trainer.outputs().size(); ++o) {
    const OutputTraining& output = trainer.outputs()[o];
    outputs.push_back({{"name", output.name},
                       {"loss", output.objective->name()},
                       {"loss_weight", output.weight},
                       {"metrics", output.metrics},
                       {"sample_weight_mode", impl.temporal[o] ? json("temporal") : json()}});
    if (!output.weighted_metrics.empty())
      outputs.back()["weighted_metrics"] = output.weighted_metrics;
  }
  json result = {{"optimizer", trainer.optimizer().to_json()},
                 {"iterations", trainer.optimizer().iterations()},
                 {"outputs", std::move(outputs)},
                 {"epochs", model.epochs()},
                 {"steps", trainer.steps()},
                 {"seed", trainer.seed()}};
  // What was frozen when the model was compiled, where that is not what is frozen now.
  if (!impl.compiled_flags.empty() && impl.compiled_flags != trainable_flags(model)) {
    json frozen = json::array();
    for (std::size_t i = 0; i < impl.compiled_flags.size(); ++i)
      if (!impl.compiled_flags[i]) frozen.push_back(i);
    result["frozen"] = std::move(frozen);
  }
  if (json states = model.callback_states(); !states.empty())
    result["callbacks"] = std::move(states);
  return result;
}

namespace {

/// The flags of trainability that a file says the model was compiled with.
std::vector<bool> read_frozen(const json& frozen, std::size_t members) {
  std::vector<bool> flags(members, true);
  if (!frozen.is_array())
    throw FormatError("training.frozen", "expected an array, got " + describe_value(frozen));
  for (const json& index : frozen) {
    if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= members)
      throw FormatError("training.frozen", "expected whole numbers below " +
                                               std::to_string(members) + ", got " +
                                               describe_value(index));
    flags[index.get<std::size_t>()] = false;
  }
  return flags;
}

}  // namespace

/// Answers the places for the arrays of the callbacks' states.
KeptArrays compile_from(Model& model, const json& training, std::size_t most_elements,
                        std::uint64_t memory) {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  ObjectReader reader(training, "training");
  CompileOptions options;
  options.optimizer = OptimizerChoice(optimizer_from_json(reader.at("optimizer")));
  options.optimizer.pointer()->set_iterations(reader.integer("iterations", 0, most));
  const json& outputs = reader.at("outputs");
  if (!outputs.is_array())
    throw FormatError("training.outputs",
                      "expected an array, got " + std::string(outputs.type_name()));
  std::map<std::string, std::vector<std::string>> metrics, weighted;
  std::vector<std::string> losses, modes;
  std::vector<double> weights;
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    ObjectReader output(outputs[o], "training.outputs[" + std::to_string(o) + "]");
    const std::string name = output.string("name");
    const auto read_names = [&](const char* key, const json& names) {
      if (!names.is_array())
        throw FormatError(output.path_of(key),
                          "expected an array of names, got " + describe_value(names));
      std::vector<std::string> labels;
      for (const json& metric : names) {
        if (!metric.is_string())
          throw FormatError(output.path_of(key), "expected names of metrics");
        labels.push_back(metric.get<std::string>());
      }
      return labels;
    };
    losses.push_back(output.string("loss"));
    weights.push_back(output.number("loss_weight"));
    // Two calls of one layer make two outputs of one name, which have the same metrics.
    const auto keep = [&](std::map<std::string, std::vector<std::string>>& all, const char* key,
                          const json& names) {
      std::vector<std::string> labels = read_names(key, names);
      const auto [kept, added] = all.try_emplace(name, labels);
      if (!added && kept->second != labels)
        throw FormatError(output.path_of(key),
                          "expected the metrics of the other output named '" + name + "'");
    };
    keep(metrics, "metrics", output.at("metrics"));
    if (const json* names = output.find("weighted_metrics"))
      keep(weighted, "weighted_metrics", *names);
    modes.push_back(
        output.at("sample_weight_mode").is_null() ? "" : output.string("sample_weight_mode"));
    output.finish();
  }
  options.loss = PerOutput<std::string>(std::move(losses));
  options.loss_weights = PerOutput<double>(std::move(weights));
  options.sample_weight_mode = PerOutput<std::string>(std::move(modes));
  std::map<std::string, std::size_t> metrics_of_file;
  for (const auto& [name, labels] : metrics) metrics_of_file[name] += labels.size();
  for (const auto& [name, labels] : weighted) metrics_of_file[name] += labels.size();
  options.metrics = MetricNames(std::move(metrics));
  options.weighted_metrics = MetricNames(std::move(weighted));
  const std::uint64_t epochs = reader.integer("epochs", 0, most);
  const std::uint64_t steps = reader.integer("steps", 0, most);
  const std::uint64_t seed = reader.integer("seed", 0, most);
  const json* callbacks = reader.find("callbacks");
  const json* kept = reader.find("arrays");
  KeptArrays arrays;
  if (kept != nullptr) arrays = KeptArrays(*kept, most_elements);
  reader.find("fit");  // where a run stood: for `fit` to resume
  const json* frozen = reader.find("frozen");
  reader.finish();
  // A metric keeps no more than a few numbers a column.
  double metric_bytes = 0;
  for (const Node& output : model.outputs()) {
    const auto found = metrics_of_file.find(output.name());
    if (found != metrics_of_file.end())
      metric_bytes += 64.0 * static_cast<double>(output.shape().size() * found->second);
  }
  if (metric_bytes > static_cast<double>(memory))
    throw FormatError(
        "training.outputs",
        "the metrics would take " + bytes_text(metric_bytes) + ", more than the limit",
        "LoadLimits::memory sets the limit");
  if (frozen == nullptr) {
    model.compile(options);
  } else {
    const std::vector<bool> now = trainable_flags(model);
    set_trainable_flags(model, read_frozen(*frozen, now.size()));
    model.compile(options);
    set_trainable_flags(model, now);
  }
  model.set_epochs(epochs);
  model.set_seed(seed);
  model.trainer().set_random_state(seed, steps);
  if (callbacks != nullptr) model.set_callback_states(*callbacks);
  return arrays;
}

}  // namespace cornu::detail
