#pragma once

#include "cornu/layers/convolution/pooling_layer.hpp"

namespace cornu {

/// The mean of the numbers under a window that moves over (N, steps, features) along the steps.
/// Padding ("same") never counts. (Keras 1.0.3, layers/convolutional.py, over TensorFlow)
class CORNU_API AveragePooling1D final
    : public detail::PoolingLayer<Pooling1DOptions, detail::Pool::average> {
 public:
  explicit AveragePooling1D(Pooling1DOptions options = {})
      : PoolingLayer("AveragePooling1D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The mean of the numbers under a window that moves over (N, C, rows, columns), or (N, rows,
/// columns, C) with dim_ordering "tf". (See AveragePooling1D.)
class CORNU_API AveragePooling2D final
    : public detail::PoolingLayer<Pooling2DOptions, detail::Pool::average> {
 public:
  explicit AveragePooling2D(Pooling2DOptions options = {})
      : PoolingLayer("AveragePooling2D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The mean of the numbers under a window that moves over (N, C, d1, d2, d3), or (N, d1, d2, d3, C)
/// with dim_ordering "tf". (See AveragePooling1D.)
class CORNU_API AveragePooling3D final
    : public detail::PoolingLayer<Pooling3DOptions, detail::Pool::average> {
 public:
  explicit AveragePooling3D(Pooling3DOptions options = {})
      : PoolingLayer("AveragePooling3D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
