#pragma once

#include "cornu/layers/convolution/pooling_layer.hpp"

namespace cornu {

/// The largest number under a window that moves over (N, steps, features) along the steps. Padding
/// ("same") never counts. Of equal numbers the first, row by row, gets the gradient. (Keras 1.0.3,
/// layers/convolutional.py, over TensorFlow)
class CORNU_API MaxPooling1D final
    : public detail::PoolingLayer<Pooling1DOptions, detail::Pool::max> {
 public:
  explicit MaxPooling1D(Pooling1DOptions options = {})
      : PoolingLayer("MaxPooling1D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The largest number under a window that moves over (N, C, rows, columns), or (N, rows, columns,
/// C) with dim_ordering "tf". (See MaxPooling1D.)
class CORNU_API MaxPooling2D final
    : public detail::PoolingLayer<Pooling2DOptions, detail::Pool::max> {
 public:
  explicit MaxPooling2D(Pooling2DOptions options = {})
      : PoolingLayer("MaxPooling2D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The largest number under a window that moves over (N, C, d1, d2, d3), or (N, d1, d2, d3, C) with
/// dim_ordering "tf". (See MaxPooling1D.)
class CORNU_API MaxPooling3D final
    : public detail::PoolingLayer<Pooling3DOptions, detail::Pool::max> {
 public:
  explicit MaxPooling3D(Pooling3DOptions options = {})
      : PoolingLayer("MaxPooling3D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
