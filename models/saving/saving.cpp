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

namespace {

using detail::accumulators_of;
using detail::compile_from;
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
