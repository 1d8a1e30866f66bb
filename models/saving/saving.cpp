#include <algorithm>
#include <cmath>
#include <functional>
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

namespace cornu {

using nlohmann::json;

namespace detail {

namespace {

/// The layers and containers of a model, each once, from the outermost inwards, in an order that
/// only depends on what the model is: the same before saving and after loading.
void visit_members(const Container& container, std::vector<std::string>& path,
                   std::unordered_set<const void*>& seen,
                   const std::function<void(const std::vector<std::string>&, const Member&)>& see) {
  for (const Member& member : container.members()) {
    const void* const one = member.layer ? static_cast<const void*>(member.layer.get())
                                         : static_cast<const void*>(member.container.get());
    if (!seen.insert(one).second) continue;
    see(path, member);
    if (!member.container) continue;
    path.push_back(member.name());
    visit_members(*member.container, path, seen, see);
    path.pop_back();
  }
}

void visit_members(const Model& model,
                   const std::function<void(const std::vector<std::string>&, const Member&)>& see) {
  std::vector<std::string> path;
  std::unordered_set<const void*> seen;
  visit_members(*model.container(), path, seen, see);
}

/// A weight and its name in files: its own, or where several have that one, with the names of the
/// models around it in front: "encoder/dense_1_W".
using NamedVariables = std::vector<std::pair<std::string, const Variable*>>;

NamedVariables named_variables(const Model& model) {
  NamedVariables result;
  std::vector<std::string> around;  // for each of them
  std::unordered_map<std::string, std::size_t> count;
  visit_members(model, [&](const std::vector<std::string>& path, const Member& member) {
    if (!member.layer) return;
    std::string prefix;
    for (const std::string& name : path) prefix += name + "/";
    for (const auto* kind :
         {&member.layer->variables()->parameters, &member.layer->variables()->states})
      for (const Variable& variable : *kind) {
        result.emplace_back(variable.name, &variable);
        around.push_back(prefix);
        ++count[variable.name];
      }
  });
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::string& name = result[i].first;
    if (count[name] > 1) name = around[i] + name;
    // A name may look like that of another one within a model. In order, they are told apart.
    const std::string wanted = name;
    for (std::size_t again = 2; !taken.insert(name).second; ++again)
      name = wanted + "~" + std::to_string(again);
  }
  return result;
}

}  // namespace

std::vector<NamedTarget> variables_of(const Model& model) {
  std::vector<NamedTarget> result;
  for (const auto& [name, variable] : named_variables(model))
    result.push_back({name, variable->shape, variable->values});
  return result;
}

std::vector<NamedTarget> accumulators_of(const Model& model, Trainer& trainer) {
  std::vector<NamedTarget> result;
  const std::vector<std::string> slots = trainer.optimizer().slot_names();
  if (slots.empty()) return result;
  std::unordered_map<const Variable*, std::string> names;
  for (auto& [name, variable] : named_variables(model)) names.emplace(variable, name);
  for (const TrainedParameters::Entry& entry : trainer.parameters().entries)
    for (std::size_t s = 0; s < slots.size(); ++s)
      result.push_back(
          {names.at(entry.variable) + "/" + slots[s], entry.variable->shape,
           trainer.slots()[s].array().subspan(entry.offset, entry.variable->values.size())});
  return result;
}

std::vector<bool> trainable_flags(const Model& model) {
  std::vector<bool> flags = {model.trainable()};
  visit_members(model, [&flags](const std::vector<std::string>&, const Member& member) {
    flags.push_back(member.layer ? member.layer->trainable() : member.container->trainable());
  });
  return flags;
}

void set_trainable_flags(Model& model, const std::vector<bool>& flags) {
  std::size_t next = 0;
  model.set_trainable(flags[next++]);
  visit_members(model, [&](const std::vector<std::string>&, const Member& member) {
    const bool flag = flags[next++];
    if (member.layer)
      member.layer->set_trainable(flag);
    else
      member.container->set_trainable(flag);
  });
}

void check_savable(const Model& model) {
  std::set<std::string> known;
  visit_members(model, [&known](const std::vector<std::string>&, const Member& member) {
    if (!member.layer || member.layer->class_name() == "InputLayer") return;
    if (!known.insert(member.layer->class_name()).second) return;
    try {
      find_layer_class(member.layer->class_name(), "save");
    } catch (const ConfigError&) {
      throw ConfigError(member.layer->place(),
                        "the model cannot be saved: no file can be read back with a class that is "
                        "not registered",
                        "register_layer<" + member.layer->class_name() + ">(\"" +
                            member.layer->class_name() + "\") before");
    }
  });
  const std::size_t calls = model.graph()->nodes.size();
  if (calls > LoadLimits{}.calls)
    throw ConfigError(model.name(), "the model cannot be saved: it comes to " +
                                        std::to_string(calls) + " calls of layers, a file to " +
                                        std::to_string(LoadLimits{}.calls) + " at most");
}

double sample_operations(const FlatGraph& graph) {
  double operations = 0;
  for (const FlatNode& node : graph.nodes) {
    std::vector<Shape> shapes;
    double numbers = static_cast<double>(node.shape.size());
    for (const std::size_t input : node.inputs) {
      shapes.push_back(graph.nodes[input].shape);
      numbers += static_cast<double>(shapes.back().size());
    }
    if (node.inputs.empty()) continue;
    operations += std::max(node.layer->multiplications(shapes), numbers);
  }
  return operations;
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

}  // namespace detail

namespace {

using detail::accumulators_of;
using detail::sample_operations;
using detail::training_json;
using detail::variables_of;

std::vector<detail::NamedArray> readable(const std::vector<detail::NamedTarget>& targets) {
  std::vector<detail::NamedArray> result;
  result.reserve(targets.size());
  for (const detail::NamedTarget& target : targets)
    result.push_back({target.name, target.shape, target.values});
  return result;
}

/// The flags of trainability that a file says the model was compiled with.
std::vector<bool> read_frozen(const json& frozen, std::size_t members) {
  std::vector<bool> flags(members, true);
  if (!frozen.is_array())
    throw FormatError("training.frozen",
                      "expected an array, got " + detail::describe_value(frozen));
  for (const json& index : frozen) {
    if (!index.is_number_unsigned() || index.get<std::uint64_t>() >= members)
      throw FormatError("training.frozen", "expected whole numbers below " +
                                               std::to_string(members) + ", got " +
                                               detail::describe_value(index));
    flags[index.get<std::size_t>()] = false;
  }
  return flags;
}

/// Answers the places for the arrays of the callbacks' states.
detail::KeptArrays compile_from(Model& model, const json& training, std::size_t most_elements,
                                std::uint64_t memory) {
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
    const auto read_names = [&](const char* key, const json& names) {
      if (!names.is_array())
        throw FormatError(output.path_of(key),
                          "expected an array of names, got " + detail::describe_value(names));
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
  detail::KeptArrays arrays;
  if (kept != nullptr) arrays = detail::KeptArrays(*kept, most_elements);
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
        "the metrics would take " + detail::bytes_text(metric_bytes) + ", more than the limit",
        "LoadLimits::memory sets the limit");
  if (frozen == nullptr) {
    model.compile(options);
  } else {
    const std::vector<bool> now = detail::trainable_flags(model);
    detail::set_trainable_flags(model, read_frozen(*frozen, now.size()));
    model.compile(options);
    detail::set_trainable_flags(model, now);
  }
  model.set_epochs(epochs);
  model.set_seed(seed);
  model.trainer().set_random_state(seed, steps);
  if (callbacks != nullptr) model.set_callback_states(*callbacks);
  return arrays;
}

/// What replaying a sample takes, in multiplications and bytes, and the numbers it and its outputs
/// have.
struct ReplayCost {
  double operations, bytes, numbers;
};

/// For inputs of these sample shapes, all closed. Throws ShapeError where the model does not take
/// them.
ReplayCost replay_cost(const std::shared_ptr<const FlatGraph>& graph,
                       const std::vector<Shape>& inputs, std::size_t samples) {
  const auto closed = graph->open ? graph->closed(inputs) : graph;
  const Plan plan(*closed, Phase::predict, samples);
  double numbers = 0;
  for (const auto* nodes : {&closed->inputs, &closed->outputs})
    for (const std::size_t node : *nodes)
      numbers += static_cast<double>(closed->nodes[node].shape.size());
  const auto n = static_cast<double>(samples);
  return {sample_operations(*closed) * n, static_cast<double>(plan.arena_size()) * sizeof(Scalar),
          numbers * n};
}

/// A few inputs, the same for every model of these shapes, and what the model makes of them. None
/// for a model that takes long for one sample: its file is to be read quickly.
detail::CheckSample make_check(const Model& model, const Model::Impl& impl) {
  constexpr double most_operations = 1e9, most_bytes = 64 << 20, most_numbers = 1e6;
  constexpr std::size_t open_size = 8;  // of open axes
  detail::CheckSample check;
  std::size_t samples = 2;
  std::vector<Shape> shapes;
  for (const DataSlot& slot : impl.input_slots) {
    if (slot.samples != 0) samples = slot.samples;
    std::vector<std::size_t> sizes(slot.shape.begin(), slot.shape.end());
    std::replace(sizes.begin(), sizes.end(), Shape::any, open_size);
    shapes.emplace_back(sizes);
  }
  const ReplayCost cost = replay_cost(impl.graph, shapes, samples);
  if (cost.operations > most_operations || cost.bytes > most_bytes || cost.numbers > most_numbers)
    return check;
  RandomStream random(0, Purpose::user);
  for (const DataSlot& slot : impl.input_slots)
    check.inputs.push_back(draw_input(slot, samples, random, open_size));
  const FreshCarried fresh(impl.graph->carried.get());
  check.outputs = model.predict_all(check.inputs);
  for (const Tensor& output : check.outputs)
    for (const Scalar value : output)
      if (!std::isfinite(value)) return {};
  return check;
}

/// Throws FormatError when replaying the sample would take more operations than the limit.
void refuse_costly(const Model& model, const detail::CheckSample& check,
                   const LoadOptions& options) {
  const std::shared_ptr<const FlatGraph> graph = model.graph();
  if (check.inputs.size() != graph->inputs.size()) return;  // refused when it is replayed
  std::vector<Shape> shapes;
  for (std::size_t i = 0; i < check.inputs.size(); ++i) {
    const Shape& given = check.inputs[i].shape();
    const Shape& slot = graph->nodes[graph->inputs[i]].shape;
    if (given.size() == 0 || given.rank() != slot.rank() + 1) return;
    std::vector<std::size_t> sizes(given.begin() + 1, given.end());
    for (std::size_t axis = 0; axis < sizes.size(); ++axis)
      if (slot[axis] != Shape::any && slot[axis] != sizes[axis]) return;
    shapes.emplace_back(sizes);
  }
  if (replay_cost(graph, shapes, check.inputs[0].shape().front()).operations >
      options.limits.operations)
    throw FormatError("check", "replaying the sample would take more operations than the limit",
                      "LoadLimits::operations sets it; LoadOptions::check = false leaves the "
                      "sample out");
}

/// Does the model still make of the sample what it made when it was saved?
void replay(const Model& model, const detail::CheckSample& check, std::string_view place,
            const LoadOptions& options) {
  std::vector<Tensor> outputs;
  try {
    refuse_costly(model, check, options);
    const FreshCarried fresh(model.graph()->carried.get());
    outputs = model.predict_all(check.inputs);
  } catch (const MemoryError&) {
    throw;
  } catch (const Error& error) {  // a sample that is not the model's
    throw FormatError(std::string(place) + ": check", detail::text_without_place(error));
  }
  detail::compare_check(check, outputs, place);
}

/// `read` is one of the two readers of model files.
template <class Read>
std::unique_ptr<Model> load(Read read, const LoadOptions& options, std::string_view place) {
  std::unique_ptr<Model> model;
  detail::KeptArrays arrays;
  std::size_t most = 0;
  std::uint64_t memory_limit = options.limits.memory;
  detail::ModelReceiver receiver;
  receiver.architecture = [&](const std::string& class_name, const json& config,
                              std::size_t most_elements, bool weights_follow) {
    if (class_name.empty())
      throw FormatError(place, "the file holds weights without a model",
                        "make the model first, then call its load_weights");
    most = most_elements;
    const LoadingScope scope(
        {most_elements, options.limits.elements, options.limits.operations},
        weights_follow ? LoadingScope::Values::left_zero : LoadingScope::Values::initialized);
    model = detail::model_from_json({{"class_name", class_name}, {"config", config}}, "", options);
    return variables_of(*model);
  };
  receiver.training = [&](const json& training) {
    arrays = compile_from(*model, training, most, memory_limit);
    std::vector<detail::NamedTarget> targets = accumulators_of(*model, model->trainer());
    arrays.append_to(targets);
    return targets;
  };
  receiver.trainable = [&](bool trainable) { model->set_trainable(trainable); };
  const detail::ModelFileSummary summary = read(receiver);
  const detail::MemoryLimit memory(summary.memory);
  if (!arrays.empty()) model->set_callback_states(model->callback_states(), arrays.callbacks());
  if (options.check && !summary.check.empty()) replay(*model, summary.check, place, options);
  return model;
}

/// Which of the file's arrays go where, and the report of it.
class WeightsMatch {
 public:
  WeightsMatch(const std::vector<detail::NamedTarget>& variables, const LoadOptions& options)
      : variables_(variables), options_(options), loaded_(variables.size()) {}

  std::vector<Array> choose(const std::vector<detail::ArrayHeading>& headings) {
    constexpr std::size_t nowhere = ~std::size_t{0};
    std::unordered_map<std::string, std::size_t> by_name;
    for (std::size_t v = 0; v < variables_.size(); ++v) by_name[variables_[v].name] = v;
    std::vector<std::size_t> place(headings.size(), nowhere);
    std::size_t known = 0;
    for (std::size_t i = 0; i < headings.size(); ++i)
      if (const auto found = by_name.find(headings[i].name); found != by_name.end()) {
        place[i] = found->second;
        ++known;
      }
    // All names are the model's; or none has a say and the order has, as in Keras 1.
    const bool same_names = known == headings.size() && known == variables_.size();
    if (!options_.by_name && !same_names) {
      if (headings.size() != variables_.size()) refuse(headings, by_name);
      for (std::size_t i = 0; i < place.size(); ++i) place[i] = i;
    }
    std::vector<Array> result(headings.size());
    std::string misshapen;
    for (std::size_t i = 0; i < headings.size(); ++i) {
      const auto& [name, shape] = headings[i];
      if (place[i] == nowhere) {
        report_.skipped.push_back(name);
        continue;
      }
      const detail::NamedTarget& variable = variables_[place[i]];
      if (variable.shape == shape) {
        result[i] = loaded_[place[i]].emplace(shape).array();
      } else if (options_.skip_mismatch) {
        report_.skipped.push_back(name);
      } else {
        misshapen += (misshapen.empty() ? "misshapen " : ", ") + variable.name + " (expected " +
                     variable.shape.to_string() + ", got " + shape.to_string() + ")";
      }
    }
    if (!misshapen.empty())
      throw FormatError("weights", misshapen,
                        "LoadOptions::skip_mismatch passes over arrays of other shapes");
    for (std::size_t v = 0; v < variables_.size(); ++v)
      (loaded_[v] ? report_.taken : report_.left).push_back(variables_[v].name);
    return result;
  }

  WeightsReport take() {
    for (std::size_t v = 0; v < variables_.size(); ++v)
      if (loaded_[v])
        std::copy(loaded_[v]->begin(), loaded_[v]->end(), variables_[v].values.begin());
    return std::move(report_);
  }

 private:
  [[noreturn]] void refuse(const std::vector<detail::ArrayHeading>& headings,
                           const std::unordered_map<std::string, std::size_t>& by_name) const {
    std::set<std::string> names;
    std::string missing, unexpected;
    for (const detail::ArrayHeading& heading : headings) {
      names.insert(heading.name);
      if (!by_name.contains(heading.name)) unexpected += " " + heading.name;
    }
    for (const detail::NamedTarget& variable : variables_)
      if (!names.contains(variable.name)) missing += " " + variable.name;
    const auto cut = [](std::string text) {
      return text.size() <= 400 ? text : text.substr(0, 400) + " ...";
    };
    throw FormatError("weights",
                      "the file has " + std::to_string(headings.size()) + " arrays, the model " +
                          std::to_string(variables_.size()) +
                          (missing.empty() ? "" : "; missing" + cut(missing)) +
                          (unexpected.empty() ? "" : "; unexpected" + cut(unexpected)),
                      "LoadOptions::by_name takes those whose names fit");
  }

  const std::vector<detail::NamedTarget>& variables_;
  const LoadOptions& options_;
  std::vector<std::optional<Tensor>> loaded_;
  WeightsReport report_;
};

}  // namespace

std::string WeightsReport::to_string() const {
  const auto part = [](const char* word, const std::vector<std::string>& names) {
    std::string text = word + std::to_string(names.size());
    for (const std::string& name : names)
      text += (&name == &names[0] ? ": " : ", ") + detail::printable(name);
    return text;
  };
  return part("taken ", taken) + part("; skipped ", skipped) + part("; left ", left);
}

void Model::save(const std::string& path) const { save(path, SaveOptions{}); }

void Model::save(const std::string& path, const SaveOptions& options) const {
  detail::save_model(*this, ready(), path, options, nullptr);
}

namespace {

/// Calls `write` with all that a file of the model holds.
void with_content(const Model& model, const Model::Impl& impl, const SaveOptions& options,
                  const detail::RunContent* run,
                  const std::function<void(const detail::ModelContent&)>& write) {
  using namespace detail;  // NOLINT(google-build-using-namespace)
  check_savable(model);
  const json architecture = detail::model_to_json(model);
  const std::string& name = model.class_name();
  json training;
  KeptArrays arrays;
  ModelContent content{.class_name = name,
                       .config = &architecture["config"],
                       .trainable = model.trainable(),
                       .weights = readable(variables_of(model)),
                       .check = make_check(model, impl)};
  if (options.training && impl.trainer) {
    if (run != nullptr) arrays = run->arrays;
    arrays.add_callbacks(model.callback_arrays());
    training = training_json(model, impl);
    if (run != nullptr) training["fit"] = run->fit;
    if (!arrays.empty()) training["arrays"] = arrays.description();
    content.training = &training;
    content.accumulators = readable(accumulators_of(model, *impl.trainer));
    arrays.append_to(content.accumulators);
  }
  write(content);
}

}  // namespace

void detail::save_model(const Model& model, const Model::Impl& impl, const std::string& path,
                        const SaveOptions& options, const RunContent* run) {
  with_content(model, impl, options, run,
               [&](const ModelContent& content) { write_model_file(path, content, options); });
}

std::string Model::to_text(const SaveOptions& options) const {
  std::string text;
  with_content(*this, ready(), options, nullptr, [&](const detail::ModelContent& content) {
    text = detail::model_text(content, options);
  });
  return text;
}

std::unique_ptr<Model> Model::clone() const {
  const std::string text = to_text({.base64 = true, .allow_nonfinite = true});
  LoadOptions options{.allow_nonfinite = true, .check = false};
  options.limits.memory = ~std::uint64_t{0};
  std::unique_ptr<Model> copy = model_from_text(text, options);
  if (!copy->compiled()) copy->set_seed(seed());
  return copy;
}

void Model::save_weights(const std::string& path) const { save_weights(path, SaveOptions{}); }

void Model::save_weights(const std::string& path, const SaveOptions& options) const {
  ready();
  detail::write_model_file(path, {.weights = readable(variables_of(*this))}, options);
}

WeightsReport Model::load_weights(const std::string& path, const LoadOptions& options) {
  const std::vector<detail::NamedTarget> variables = variables_of(*this);
  WeightsMatch match(variables, options);
  detail::ModelReceiver receiver;
  receiver.choose = [&](const std::vector<detail::ArrayHeading>& headings) {
    return match.choose(headings);
  };
  if (!detail::read_model_file(path, receiver, options).has_weights)
    throw FormatError(path, "the file holds no weights");
  return match.take();
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
