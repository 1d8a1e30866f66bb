#pragma once

#include "cornu/layers/convolution/global_pooling_layer.hpp"

namespace cornu {

/// The mean of each channel: (N, steps, C) to (N, C).
/// (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalAveragePooling1D final
    : public detail::GlobalPoolingLayer<GlobalPooling1DOptions, detail::Pool::average, 1> {
 public:
  explicit GlobalAveragePooling1D(GlobalPooling1DOptions options = {})
      : GlobalPoolingLayer("GlobalAveragePooling1D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The mean of each channel: (N, C, rows, columns), or (N, rows, columns, C) with dim_ordering
/// "tf", to (N, C). (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalAveragePooling2D final
    : public detail::GlobalPoolingLayer<GlobalPooling2DOptions, detail::Pool::average, 2> {
 public:
  explicit GlobalAveragePooling2D(GlobalPooling2DOptions options = {})
      : GlobalPoolingLayer("GlobalAveragePooling2D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The mean of each channel: (N, C, d1, d2, d3), or (N, d1, d2, d3, C) with dim_ordering "tf", to
/// (N, C). (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalAveragePooling3D final
    : public detail::GlobalPoolingLayer<GlobalPooling3DOptions, detail::Pool::average, 3> {
 public:
  explicit GlobalAveragePooling3D(GlobalPooling3DOptions options = {})
      : GlobalPoolingLayer("GlobalAveragePooling3D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
