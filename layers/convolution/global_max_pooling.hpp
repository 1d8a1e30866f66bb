#pragma once

#include "cornu/layers/convolution/global_pooling_layer.hpp"

namespace cornu {

/// The largest number of each channel: (N, steps, C) to (N, C).
/// (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalMaxPooling1D final
    : public detail::GlobalPoolingLayer<GlobalPooling1DOptions, detail::Pool::max, 1> {
 public:
  explicit GlobalMaxPooling1D(GlobalPooling1DOptions options = {})
      : GlobalPoolingLayer("GlobalMaxPooling1D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The largest number of each channel: (N, C, rows, columns), or (N, rows, columns, C) with
/// dim_ordering "tf", to (N, C). (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalMaxPooling2D final
    : public detail::GlobalPoolingLayer<GlobalPooling2DOptions, detail::Pool::max, 2> {
 public:
  explicit GlobalMaxPooling2D(GlobalPooling2DOptions options = {})
      : GlobalPoolingLayer("GlobalMaxPooling2D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

/// The largest number of each channel: (N, C, d1, d2, d3), or (N, d1, d2, d3, C) with dim_ordering
/// "tf", to (N, C). (Keras 1.2.2, layers/pooling.py)
class CORNU_API GlobalMaxPooling3D final
    : public detail::GlobalPoolingLayer<GlobalPooling3DOptions, detail::Pool::max, 3> {
 public:
  explicit GlobalMaxPooling3D(GlobalPooling3DOptions options = {})
      : GlobalPoolingLayer("GlobalMaxPooling3D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
