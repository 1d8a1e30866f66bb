#pragma once

#include <cstddef>
#include <string>

#include "cornu/core/export.hpp"

namespace cornu {

class Model;

/// The model's layers as a table: Keras 1's, with shapes, parameter counts and what each layer is
/// connected to; an axis that is open is None. Fits into so many columns; 0 for those of the
/// terminal on standard output, up to 100, and for 80 where there is none. Takes time linear in the
/// number of layers. `model.summary()` is the same.
CORNU_API std::string summary(const Model& model, std::size_t columns = 0);

}  // namespace cornu
