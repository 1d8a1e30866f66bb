#include "cornu/initializations/initializer.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/initializations/builtins.hpp"

namespace cornu {
namespace {

using Entry = detail::InitializerEntry;
using InitializerRegistry = Registry<std::shared_ptr<const Entry>>;

InitializerRegistry& initializer_registry() {
  static auto& initializers = *[] {
    std::vector<std::pair<std::string, std::shared_ptr<const Entry>>> table;
    for (auto& [name, entry] : detail::builtin_initializers())
      table.emplace_back(name, std::make_shared<const Entry>(std::move(entry)));
    return new InitializerRegistry("initializer", std::move(table));
  }();
  return initializers;
}

}  // namespace

Initializer::Initializer(std::string name, std::shared_ptr<const Entry> entry)
    : name_(std::move(name)), scale_(entry->standard_scale), entry_(std::move(entry)) {}

Initializer::Initializer(const std::string& name)
    : Initializer(name, initializer_registry().find(name, "initializer")) {}

Initializer::Initializer(const std::string& name, double scale) : Initializer(name) {
  if (entry_->standard_scale == 0)
    throw ConfigError("initializer", "'" + name + "' takes no scale", "leave the scale out");
  if (!(scale > 0 && std::isfinite(scale)))
    throw ConfigError("initializer", "expected a scale above 0 for '" + name + "', got " +
                                         nlohmann::json(scale).dump());
  scale_ = scale;
  scale_given_ = true;
}

void Initializer::fill(const Shape& shape, RandomStream& random, Array out) const {
  if (out.size() != shape.size())
    throw ShapeError("initializer", "expected an array of " + std::to_string(shape.size()) +
                                        " numbers for the shape " + shape.to_string() + ", got " +
                                        std::to_string(out.size()));
  entry_->function(shape, scale_, random, out);
}

Tensor Initializer::operator()(const Shape& shape) const {
  Tensor result(shape);
  RandomStream random = detail::next_initialization_stream();
  fill(shape, random, result.array());
  return result;
}

nlohmann::json Initializer::to_json() const {
  if (!scale_given_) return name_;
  return {{"name", name_}, {"scale", scale_}};
}

void Initializer::assign(const nlohmann::json& config) {
  if (config.is_string()) {
    *this = Initializer(config.get<std::string>());
    return;
  }
  detail::ObjectReader reader(config, "initializer");
  const std::string name = reader.string("name");
  const bool scaled = reader.has("scale");
  Initializer read = scaled ? Initializer(name, reader.number("scale")) : Initializer(name);
  reader.finish();
  *this = std::move(read);
}

void register_initializer(const std::string& name, InitializerFunction function,
                          double standard_scale) {
  if (!function)
    throw ConfigError("register_initializer", "expected a function for '" + name + "', got none");
  if (!(standard_scale >= 0 && std::isfinite(standard_scale)))
    throw ConfigError("register_initializer",
                      "expected a standard scale of at least 0 for '" + name + "'");
  initializer_registry().add(
      name, std::make_shared<const Entry>(Entry{std::move(function), standard_scale}));
}

std::vector<std::string> initializer_names() { return initializer_registry().names(); }

namespace detail {

Initializer constant_initializer(double value) {
  const auto fill = [value](const Shape&, double, RandomStream&, Array out) {
    std::fill(out.begin(), out.end(), static_cast<Scalar>(value));
  };
  return {"constant", std::make_shared<const Entry>(Entry{fill})};
}

Initializer placed_initializer(const Initializer& initializer, const Shape& shape,
                               std::function<void(ConstArray from, Array to)> place) {
  const auto fill = [initializer, shape, place = std::move(place)](
                        const Shape&, double, RandomStream& random, Array out) {
    std::vector<Scalar> numbers(out.size());
    initializer.fill(shape, random, numbers);
    place(numbers, out);
  };
  return {initializer.name(), std::make_shared<const Entry>(Entry{fill})};
}

Initializer part_initializer(const Initializer& part, std::size_t index, std::size_t parts) {
  const auto fill = [=](const Shape&, double, RandomStream& random, Array out) {
    std::fill(out.begin(), out.end(), Scalar{0});
    const std::size_t size = out.size() / parts;
    part.fill(Shape{size}, random, out.subspan(index * size, size));
  };
  return {"part", std::make_shared<const Entry>(Entry{fill})};
}

}  // namespace detail

Fans fans(const Shape& shape) {
  if (shape.rank() == 2) return {static_cast<double>(shape[0]), static_cast<double>(shape[1])};
  if (shape.rank() == 4 || shape.rank() == 5) {
    // (F, C, k...). Keras 1.0.3 leaves the receptive field out of fan_out.
    double in = 1;
    for (std::size_t axis = 1; axis < shape.rank(); ++axis) in *= static_cast<double>(shape[axis]);
    return {in, static_cast<double>(shape[0])};
  }
  const double root = std::sqrt(static_cast<double>(shape.size()));
  return {root, root};
}

}  // namespace cornu
