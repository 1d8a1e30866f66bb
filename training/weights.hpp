#pragma once

#include <cstddef>
#include <map>
#include <string_view>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// A weight for each sample from a factor for each class (Keras 1.0.3, engine/training.py,
/// standardize_weights). A sample's class is the place of the largest value of its target row, or
/// with one column the value itself. Throws ShapeError for targets of more than two axes,
/// ConfigError when a class that occurs has no factor.
CORNU_API Tensor weights_of_classes(ConstView targets,
                                    const std::map<std::size_t, double>& class_weight,
                                    std::string_view place);

}  // namespace cornu
