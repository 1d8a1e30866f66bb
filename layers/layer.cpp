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

std::string lower_case(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
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

namespace detail {

std::string unique_name(const std::string& prefix) {
  NameCounters& counters = name_counters();
  const std::scoped_lock lock(counters.mutex);
  return prefix + "_" + std::to_string(++counters.counts[prefix]);
}

std::string taken_name(std::string name, const char* kind, const std::string& class_name) {
  if (name.empty()) return unique_name(lower_case(class_name));
  check_name(name, kind, class_name);
  reserve_name(name);
  return name;
}

void reserve_name(const std::string& name) {
  const std::size_t underscore = name.rfind('_');
  if (underscore == std::string::npos || underscore == 0) return;
  const char* const first = name.data() + underscore + 1;
  const char* const last = name.data() + name.size();
  std::uint32_t number = 0;  // larger numbers would take an age to be reached by counting
  const auto [end, error] = std::from_chars(first, last, number);
  if (first == last || *first == '0' || end != last || error != std::errc()) return;
  NameCounters& counters = name_counters();
  const std::scoped_lock lock(counters.mutex);
  std::uint64_t& count = counters.counts[name.substr(0, underscore)];
  count = std::max<std::uint64_t>(count, number);
}

}  // namespace detail
}  // namespace cornu
