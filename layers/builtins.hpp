#pragma once

// Not a public header: the explicit tables of what Cornu brings along. (Objects that register
// themselves from static initializers are dropped by linkers when they sit in a static library.)

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cornu/layers/layer_class.hpp"
#include "cornu/layers/parts/activation_function.hpp"

namespace cornu::detail {

/// Layer classes by name, in the order of the reference pages.
std::vector<std::pair<std::string, LayerClass>> builtin_layers();

std::vector<std::pair<std::string, std::shared_ptr<const ActivationFunction>>>
builtin_activations();

}  // namespace cornu::detail
