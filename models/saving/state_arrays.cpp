#include "cornu/models/saving/state_arrays.hpp"

#include <cstdint>
#include <string_view>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu::detail {
namespace {

constexpr std::string_view of_callbacks = "callbacks/";

std::string state_array_name(std::size_t index) { return "state/" + std::to_string(index); }

/// The shape, of at most `left` numbers, which are taken off.
Shape state_array_shape(const nlohmann::json& sizes, std::size_t& left, const std::string& path) {
  if (!sizes.is_array() || sizes.empty() || sizes.size() > Shape::max_rank)
    throw FormatError(path, "expected a shape, got " + describe_value(sizes));
  std::vector<std::size_t> shape;
  std::uint64_t elements = 1;
  for (const nlohmann::json& size : sizes) {
    if (!size.is_number_unsigned())
      throw FormatError(path, "expected a size, got " + describe_value(size));
    shape.push_back(size.get<std::size_t>());
    if (shape.back() != 0 && elements > left / shape.back())
      throw FormatError(path, "more numbers than the file can hold");
    elements *= shape.back();
  }
  left -= elements;
  return Shape(shape);
}

}  // namespace

std::string owner_of_metric(std::size_t index) { return "metrics/" + std::to_string(index); }

KeptArrays::KeptArrays(const nlohmann::json& description, std::size_t most_elements) {
  const std::string path = "training.arrays";
  if (!description.is_array())
    throw FormatError(path, "expected an array, got " + describe_value(description));
  std::size_t left = most_elements;
  for (std::size_t i = 0; i < description.size(); ++i) {
    ObjectReader reader(description[i], path + "[" + std::to_string(i) + "]");
    std::string of = reader.string("of"), name = reader.string("name");
    const Shape shape = state_array_shape(reader.at("shape"), left, reader.path_of("shape"));
    reader.finish();
    kept_.push_back({std::move(of), {std::move(name), Tensor(shape)}});
  }
}

void KeptArrays::add(const std::string& of, StateArrays arrays) {
  for (StateArray& array : arrays) kept_.push_back({of, std::move(array)});
}

nlohmann::json KeptArrays::description() const {
  nlohmann::json result = nlohmann::json::array();
  for (const Kept& kept : kept_) {
    const Shape& shape = kept.array.values.shape();
    result.push_back({{"of", kept.of},
                      {"name", kept.array.name},
                      {"shape", std::vector<std::size_t>(shape.begin(), shape.end())}});
  }
  return result;
}

void KeptArrays::append_to(std::vector<NamedArray>& arrays) const {
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    const Tensor& values = kept_[i].array.values;
    arrays.push_back({state_array_name(i), values.shape(), values.array()});
  }
}

void KeptArrays::append_to(std::vector<NamedTarget>& targets) {
  for (std::size_t i = 0; i < kept_.size(); ++i) {
    Tensor& values = kept_[i].array.values;
    targets.push_back({state_array_name(i), values.shape(), values.array()});
  }
}

void KeptArrays::add_callbacks(const std::map<std::string, StateArrays>& arrays) {
  for (const auto& [key, kept] : arrays) add(std::string(of_callbacks) + key, kept);
}

std::map<std::string, StateArrays> KeptArrays::callbacks() const {
  std::map<std::string, StateArrays> result;
  for (const Kept& kept : kept_)
    if (kept.of.starts_with(of_callbacks))
      result[kept.of.substr(of_callbacks.size())].push_back(kept.array);
  return result;
}

StateArrays KeptArrays::of(const std::string& owner) const {
  StateArrays result;
  for (const Kept& kept : kept_)
    if (kept.of == owner) result.push_back(kept.array);
  return result;
}

}  // namespace cornu::detail
