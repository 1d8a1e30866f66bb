#pragma once

#include "cornu/layers/convolution/moving_window.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {
namespace detail {

CORNU_API Traits spatial_dropout_traits(double p);
CORNU_API Shape build_spatial_dropout(const Layer& layer, double p, std::size_t axes, bool last,
                                      const Shape& input, Builder& builder);
CORNU_API void spatial_dropout_forward(double p, bool last, const Forward& run);
CORNU_API void spatial_dropout_backward(double p, bool last, const Backward& run);

/// The base of the three layers.
template <class O, std::size_t axes>
class SpatialDropoutLayer : public ConfiguredLayer<O> {
 public:
  Traits traits() const override { return spatial_dropout_traits(this->options_.p); }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    return build_spatial_dropout(*this, this->options_.p, axes, last(), input, builder);
  }
  void forward(const Forward& run) const override {
    spatial_dropout_forward(this->options_.p, last(), run);
  }
  void backward(const Backward& run) const override {
    spatial_dropout_backward(this->options_.p, last(), run);
  }

 protected:
  using ConfiguredLayer<O>::ConfiguredLayer;

 private:
  bool last() const {
    if constexpr (axes == 1)
      return true;
    else
      return channels_last(this->options_.dim_ordering);
  }
};

}  // namespace detail

struct SpatialDropout1DOptions {
  double p = 0.5;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Dropout of whole features of a signal (N, steps, features): what is dropped is dropped at all
/// steps. Neighbouring steps are so alike that dropping single numbers would hide little. (Tompson
/// et al., "Efficient object localization using convolutional networks", CVPR 2015; Keras 1.2.2,
/// layers/core.py)
class CORNU_API SpatialDropout1D final
    : public detail::SpatialDropoutLayer<SpatialDropout1DOptions, 1> {
 public:
  explicit SpatialDropout1D(SpatialDropout1DOptions options = {})
      : SpatialDropoutLayer("SpatialDropout1D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

struct SpatialDropout2DOptions {
  double p = 0.5;
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Dropout of whole channels of pictures (N, C, rows, columns), or with dim_ordering "tf" (N, rows,
/// columns, C).
class CORNU_API SpatialDropout2D final
    : public detail::SpatialDropoutLayer<SpatialDropout2DOptions, 2> {
 public:
  explicit SpatialDropout2D(SpatialDropout2DOptions options = {})
      : SpatialDropoutLayer("SpatialDropout2D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

struct SpatialDropout3DOptions {
  double p = 0.5;
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Dropout of whole channels of volumes (N, C, d1, d2, d3), or with dim_ordering "tf" (N, d1, d2,
/// d3, C).
class CORNU_API SpatialDropout3D final
    : public detail::SpatialDropoutLayer<SpatialDropout3DOptions, 3> {
 public:
  explicit SpatialDropout3D(SpatialDropout3DOptions options = {})
      : SpatialDropoutLayer("SpatialDropout3D", std::move(options)) {}
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
