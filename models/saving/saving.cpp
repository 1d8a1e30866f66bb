#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/graph/variables.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/model_json.hpp"
#include "cornu/models/saving/saving_parts.hpp"

namespace cornu {

using nlohmann::json;

namespace detail {

std::vector<NamedTarget> variables_of(const Model& model) {
  std::vector<NamedTarget> result;
  std::set<std::string> names;
  for (const LayerPtr& layer : model.layers())
    for (const auto* kind : {&layer->variables()->parameters, &layer->variables()->states})
      for (const Variable& variable : *kind) {
        if (!names.insert(variable.name).second)
          throw ConfigError(model.name(), "two weights have the name '" + variable.name + "'",
                            "give layers of models within models names of their own");
        result.push_back({variable.name, variable.shape, variable.values});
      }
  return result;
}

std::vector<NamedTarget> accumulators_of(Trainer& trainer) {
  std::vector<NamedTarget> result;
  const std::vector<std::string> slots = trainer.optimizer().slot_names();
  for (const TrainedParameters::Entry& entry : trainer.parameters().entries)
    for (std::size_t s = 0; s < slots.size(); ++s)
      result.push_back(
          {entry.variable->name + "/" + slots[s], entry.variable->shape,
           trainer.slots()[s].array().subspan(entry.offset, entry.variable->values.size())});
  return result;
}

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
  if (json states = model.callback_states(); !states.empty())
    result["callbacks"] = std::move(states);
  return result;
}

}  // namespace detail

namespace {

using detail::accumulators_of;
using detail::training_json;
using detail::variables_of;

std::vector<detail::NamedArray> readable(const std::vector<detail::NamedTarget>& targets) {
  std::vector<detail::NamedArray> result;
  result.reserve(targets.size());
  for (const detail::NamedTarget& target : targets)
    result.push_back({target.name, target.shape, target.values});
  return result;
}

/// Answers the places for the arrays of the callbacks' states.
detail::KeptArrays compile_from(Model& model, const json& training, std::size_t most_elements) {
  constexpr std::uint64_t most = ~std::uint64_t{0};
  detail::ObjectReader reader(training, "training");
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
    detail::ObjectReader output(outputs[o], "training.outputs[" + std::to_string(o) + "]");
    const std::string name = output.string("name");
    const auto read_names = [&](const json& names, std::vector<std::string>& to) {
      if (!names.is_array()) throw FormatError(output.path_of("metrics"), "expected an array");
      for (const json& metric : names) {
        if (!metric.is_string())
          throw FormatError(output.path_of("metrics"), "expected names of metrics");
        to.push_back(metric.get<std::string>());
      }
    };
    losses.push_back(output.string("loss"));
    weights.push_back(output.number("loss_weight"));
    read_names(output.at("metrics"), metrics[name]);
    if (const json* names = output.find("weighted_metrics")) read_names(*names, weighted[name]);
    modes.push_back(
        output.at("sample_weight_mode").is_null() ? "" : output.string("sample_weight_mode"));
    output.finish();
  }
  options.loss = PerOutput<std::string>(std::move(losses));
  options.loss_weights = PerOutput<double>(std::move(weights));
  options.sample_weight_mode = PerOutput<std::string>(std::move(modes));
  options.metrics = MetricNames(std::move(metrics));
  options.weighted_metrics = MetricNames(std::move(weighted));
  const std::uint64_t epochs = reader.integer("epochs", 0, most);
  const std::uint64_t steps = reader.integer("steps", 0, most);
  const std::uint64_t seed = reader.integer("seed", 0, most);
  const json* callbacks = reader.find("callbacks");
  const json* kept = reader.find("arrays");
  detail::KeptArrays arrays;
  if (kept != nullptr) arrays = detail::KeptArrays(*kept, most_elements);
  reader.find("fit");  // where a run stood: for `fit` to resume
  reader.finish();
  model.compile(options);
  model.set_epochs(epochs);
  model.set_seed(seed);
  model.trainer().set_random_state(seed, steps);
  if (callbacks != nullptr) model.set_callback_states(*callbacks);
  return arrays;
}

/// A few inputs, the same for every model of these shapes, and what the model makes of them.
detail::CheckSample make_check(const Model& model, const Model::Impl& impl) {
  detail::CheckSample check;
  RandomStream random(0, Purpose::user);
  for (const DataSlot& slot : impl.input_slots)
    check.inputs.push_back(draw_input(slot, slot.samples != 0 ? slot.samples : 2, random));
  const FreshCarried fresh(impl.graph->carried.get());
  check.outputs = model.predict_all(check.inputs);
  for (const Tensor& output : check.outputs)
    for (const Scalar value : output)
      if (!std::isfinite(value)) return {};
  return check;
}

/// Does the model still make of the sample what it made when it was saved?
void replay(const Model& model, const detail::CheckSample& check, std::string_view place) {
  std::vector<Tensor> outputs;
  try {
    const FreshCarried fresh(model.graph()->carried.get());
    outputs = model.predict_all(check.inputs);
  } catch (const Error& error) {  // a sample that is not the model's
    throw FormatError(std::string(place) + ": check", detail::text_without_place(error));
  }
  detail::compare_check(check, outputs, place);
}

/// `read` is one of the two readers of model files.
template <class Read>
std::unique_ptr<Model> load(Read read, const LoadOptions& options, std::string_view place) {
  std::unique_ptr<Model> model;
  json architecture;
  std::size_t most = 0;
  detail::KeptArrays arrays;
  detail::ModelReceiver receiver;
  receiver.architecture = [&](const std::string& class_name, const json& config,
                              std::size_t most_elements) {
    if (class_name.empty())
      throw FormatError(place, "the file holds weights without a model",
                        "make the model first, then call its load_weights");
    architecture = {{"class_name", class_name}, {"config", config}};
    most = most_elements;
    const LoadingScope scope(most_elements, LoadingScope::Values::left_zero);
    model = detail::model_from_json(architecture, "");
    return variables_of(*model);
  };
  receiver.training = [&](const json& training) {
    arrays = compile_from(*model, training, most);
    std::vector<detail::NamedTarget> targets = accumulators_of(model->trainer());
    arrays.append_to(targets);
    return targets;
  };
  const detail::ModelFileSummary summary = read(receiver);
  const detail::MemoryLimit memory(summary.memory);
  if (!summary.has_weights) {  // an architecture alone: its weights are fresh ones
    const LoadingScope scope(options.limits.elements, LoadingScope::Values::initialized);
    model = detail::model_from_json(architecture, "");
  }
  if (!arrays.empty()) model->set_callback_states(model->callback_states(), arrays.callbacks());
  if (options.check && !summary.check.empty()) replay(*model, summary.check, place);
  return model;
}

}  // namespace

void Model::save(const std::string& path) const { save(path, SaveOptions{}); }

void Model::save(const std::string& path, const SaveOptions& options) const {
  detail::save_model(*this, ready(), path, options, nullptr);
}

void detail::save_model(const Model& model, const Model::Impl& impl, const std::string& path,
                        const SaveOptions& options, const RunContent* run) {
  const json architecture = detail::model_to_json(model);
  const std::string& name = model.class_name();
  json training;
  KeptArrays arrays;
  ModelContent content{.class_name = name,
                       .config = &architecture["config"],
                       .weights = readable(variables_of(model)),
                       .check = make_check(model, impl)};
  if (options.training && impl.trainer) {
    if (run != nullptr) arrays = run->arrays;
    arrays.add_callbacks(model.callback_arrays());
    training = training_json(model, impl);
    if (run != nullptr) training["fit"] = run->fit;
    if (!arrays.empty()) training["arrays"] = arrays.description();
    content.training = &training;
    content.accumulators = readable(accumulators_of(*impl.trainer));
    arrays.append_to(content.accumulators);
  }
  write_model_file(path, content, options);
}

void Model::save_weights(const std::string& path) const { save_weights(path, SaveOptions{}); }

void Model::save_weights(const std::string& path, const SaveOptions& options) const {
  ready();
  detail::write_model_file(path, {.weights = readable(variables_of(*this))}, options);
}

void Model::load_weights(const std::string& path, const LoadOptions& options) {
  const std::vector<detail::NamedTarget> variables = variables_of(*this);
  std::vector<Tensor> loaded;
  loaded.reserve(variables.size());
  for (const detail::NamedTarget& variable : variables) loaded.emplace_back(variable.shape);
  detail::ModelReceiver receiver;
  receiver.architecture = [&](const std::string&, const json&, std::size_t) {
    std::vector<detail::NamedTarget> targets = variables;
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i].values = loaded[i].array();
    return targets;
  };
  if (!detail::read_model_file(path, receiver, options).has_weights)
    throw FormatError(path, "the file holds no weights");
  set_weights(loaded);
}

std::unique_ptr<Model> load_model(const std::string& path, const LoadOptions& options) {
  return load(
      [&](const detail::ModelReceiver& receiver) {
        return detail::read_model_file(path, receiver, options);
      },
      options, path);
}

std::unique_ptr<Model> model_from_text(std::string_view text, const LoadOptions& options) {
  return load(
      [&](const detail::ModelReceiver& receiver) {
        return detail::read_model_text(text, "model text", receiver, options);
      },
      options, "model text");
}

}  // namespace cornu
