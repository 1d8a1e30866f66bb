#pragma once

// Not a public header: the activations that came after Keras 1.0.3; parts/activations.cpp has the
// table.

#include <memory>

#include "cornu/layers/parts/activation_function.hpp"

namespace cornu::detail {

using ActivationPtr = std::shared_ptr<const ActivationFunction>;

ActivationPtr elu();
ActivationPtr selu();
ActivationPtr gelu();
ActivationPtr swish();
ActivationPtr mish();
ActivationPtr exponential();
ActivationPtr leaky_relu();
ActivationPtr relu6();
ActivationPtr hard_sigmoid_3();

}  // namespace cornu::detail
