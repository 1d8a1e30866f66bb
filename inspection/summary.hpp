#pragma once

#include <string>

#include "cornu/core/export.hpp"

namespace cornu {

class Model;

/// The model's layers as a table: Keras 1's, with shapes, parameter counts and what each layer is
/// connected to. What `model.summary()` answers.
CORNU_API std::string summary(const Model& model);

}  // namespace cornu
