#pragma once

#include <string>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// The filters W of a convolutional layer that was trained in Keras 1 over Theano, for Cornu:
/// Theano turns filters around in every axis of the window, W'[f, c, i, j] = W[f, c, k1 - 1 - i, k2
/// - 1 - j], TensorFlow and Cornu do not. Biases stay as they are. The other way it is the same.
///
/// `dim_ordering` is the layer's: "th" for (F, C, window...), "tf" for (window..., C, F); W of
/// Convolution1D, (F, C, length, 1), is "th". With border_mode "same" and an even window, or a
/// stride above 1, results still differ, because Theano pads in another way. Throws ShapeError for
/// an array that is no filter's, ConfigError for an ordering that there is not.
CORNU_API Tensor from_theano(const Tensor& W, const std::string& dim_ordering = "th");

}  // namespace cornu
