#pragma once

#include <cstddef>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// Class numbers as targets (N, nb_classes): 1 in the column of the class, 0 elsewhere, as the loss
/// categorical_crossentropy wants them (Keras 1, utils/np_utils.py). nb_classes 0 is one more than
/// the greatest number. Throws ConfigError for a class that has no column, with its place.
CORNU_API Tensor to_categorical(const std::vector<std::size_t>& classes,
                                std::size_t nb_classes = 0);
/// The same from an array (N,) or (N, 1) of whole numbers. Throws ConfigError for the first that is
/// none, ShapeError for another shape.
CORNU_API Tensor to_categorical(const Tensor& classes, std::size_t nb_classes = 0);

/// The way back: of each row (N, C) the column of its greatest number, or the numbers themselves of
/// an array (N,) or (N, 1). Errors as above.
CORNU_API std::vector<std::size_t> to_classes(const Tensor& targets);

}  // namespace cornu
