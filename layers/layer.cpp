#include "cornu/layers/layer.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>
#include <mutex>
#include <thread>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/names.hpp"
#include "cornu/core/threads.hpp"

namespace cornu {
namespace {

/// How many names were made up for each prefix. Never destroyed: static objects make layers too.
struct NameCounters {
  std::mutex mutex;
  std::map<std::string, std::uint64_t, std::less<>> counts;
};

NameCounters& name_counters() {
  static auto& counters = *new NameCounters;
  return counters;
}

/// `layer`'s variables, parameters first.
template <class Function>
void for_each_variable(const Variables& variables, Function function) {
  for (const Variable& variable : variables.parameters) function(variable);
  for (const Variable& variable : variables.states) function(variable);
}

const Variables& built_variables(const Layer& layer) {
  if (!layer.built())
    throw ConfigError(layer.place(),
                      "expected a layer that is part of a model, got one that is not",
                      "its arrays are made when a model adds it and knows the input shape");
  return *layer.variables();
}

}  // namespace

void Builder::scratch_per_thread(WorkspaceSlot slot, std::size_t size) {
  const std::size_t threads =
      std::max<std::size_t>(num_threads(), std::thread::hardware_concurrency());
  workspace(slot, 0, threads * aligned_size(size));
}

Layer::Layer(std::string class_name, std::string& name, bool trainable, const Shape& input_shape,
             const Shape& batch_input_shape)
    : class_name_(std::move(class_name)), trainable_(trainable), input_shape_(input_shape) {
  if (name.empty()) made_up_prefix_ = detail::name_prefix(class_name_);
  name = detail::taken_name(std::move(name), "layer", class_name_);
  name_ = name;
  if (!batch_input_shape.empty()) {
    input_samples_ = batch_input_shape.front();
    input_shape_ = batch_input_shape.without_samples();
  }
  if (!input_shape_.empty() && input_shape_.size() == 0)
    throw ShapeError(place(),
                     "expected an input_shape of sizes above 0, got " + input_shape_.to_string());
}

Layer::~Layer() = default;

nlohmann::json Layer::config() const {
  return detail::write_fields([this](Fields& fields) { describe(fields); });
}

Shape Layer::build(std::span<const Shape> inputs, Builder& builder) const {
  if (inputs.size() != 1)
    throw ShapeError(place(), "expected one input, got " + std::to_string(inputs.size()),
                     "join several inputs with a Merge layer first");
  return build(inputs[0], builder);
}

Shape Layer::build(const Shape&, Builder&) const {
  throw ConfigError(place(), "the class overrides neither form of build",
                    "override build(const Shape& input, Builder& builder)");
}

double Layer::multiplications(std::span<const Shape>) const { return 0; }

void Layer::update(const Update&) const {}

std::vector<Tensor> Layer::get_weights() const {
  std::vector<Tensor> weights;
  for_each_variable(built_variables(*this), [&](const Variable& variable) {
    weights.emplace_back(variable.shape, ConstArray(variable.values));
  });
  return weights;
}

void Layer::set_weights(const std::vector<Tensor>& weights) {
  const Variables& variables = built_variables(*this);
  const std::size_t expected = variables.parameters.size() + variables.states.size();
  if (weights.size() != expected) {
    std::string names;
    for_each_variable(variables, [&](const Variable& variable) {
      names += (names.empty() ? "" : ", ") + variable.name + " " + variable.shape.to_string();
    });
    throw ShapeError(place(),
                     "expected " + std::to_string(expected) + " arrays of weights, got " +
                         std::to_string(weights.size()),
                     names.empty() ? "this layer has none" : "they are " + names);
  }
  std::size_t i = 0;
  for_each_variable(variables, [&](const Variable& variable) {
    const Tensor& given = weights[i++];
    if (!(given.shape() == variable.shape) || given.size() != variable.values.size())
      throw ShapeError(place(), "expected " + variable.name + " of shape " +
                                    variable.shape.to_string() + ", got " +
                                    given.shape().to_string());
  });
  // Nothing below can throw.
  i = 0;
  for_each_variable(variables, [&](const Variable& variable) {
    const Tensor& given = weights[i++];
    std::copy(given.begin(), given.end(), variable.values.begin());
  });
}

std::size_t Layer::count_params() const {
  std::size_t count = 0;
  for (const Variable& parameter : built_variables(*this).parameters)
    count += parameter.shape.size();
  return count;
}

void Layer::settle_name(const std::string& name) {
  if (variables_)
    for (auto* kind : {&variables_->parameters, &variables_->states})
      for (Variable& variable : *kind) variable.name = name + variable.name.substr(name_.size());
  name_ = name;
  name_settled_ = true;
}

namespace detail {

std::string name_prefix(const std::string& class_name) {
  std::string prefix = class_name;
  for (char& letter : prefix)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return prefix;
}

std::string unique_name(const std::string& prefix) {
  NameCounters& counters = name_counters();
  const std::scoped_lock lock(counters.mutex);
  return prefix + "_" + std::to_string(++counters.counts[prefix]);
}

std::string taken_name(std::string name, const char* kind, const std::string& class_name) {
  if (name.empty()) return unique_name(name_prefix(class_name));
  check_name(name, kind, class_name);
  // Only names of this form are counted, so that there are no more counters than classes.
  const std::string prefix = name_prefix(class_name) + "_";
  std::uint32_t number = 0;  // larger numbers would take an age to be reached by counting
  if (!name.starts_with(prefix)) return name;
  const char* const last = name.data() + name.size();
  const auto [end, error] = std::from_chars(name.data() + prefix.size(), last, number);
  if (end != last || error != std::errc()) return name;
  NameCounters& counters = name_counters();
  const std::scoped_lock lock(counters.mutex);
  std::uint64_t& count = counters.counts[name_prefix(class_name)];
  count = std::max<std::uint64_t>(count, number);
  return name;
}

}  // namespace detail
}  // namespace cornu
