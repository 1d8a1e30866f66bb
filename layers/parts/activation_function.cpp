#include "cornu/layers/parts/activation_function.hpp"

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/layers/builtins.hpp"

namespace cornu {
namespace {

using ActivationRegistry = Registry<std::shared_ptr<const ActivationFunction>>;

ActivationRegistry& activation_registry() {
  static auto& activations = *new ActivationRegistry("activation", detail::builtin_activations());
  return activations;
}

}  // namespace

void ActivationFunction::check(const Shape&) const {}

ActivationName::ActivationName(const std::string& name)
    : name_(name), function_(activation_registry().find(name, "activation")) {}

nlohmann::json ActivationName::to_json() const { return name_; }

void ActivationName::assign(const nlohmann::json& config) {
  if (!config.is_string())
    throw ConfigError("activation", "expected a name, got " + config.dump(),
                      "write \"linear\" for none");
  *this = ActivationName(config.get<std::string>());
}

void register_activation(const std::string& name,
                         std::shared_ptr<const ActivationFunction> function) {
  if (!function)
    throw ConfigError("register_activation", "expected a function for '" + name + "', got null");
  activation_registry().add(name, std::move(function));
}

std::vector<std::string> activation_names() { return activation_registry().names(); }

}  // namespace cornu
