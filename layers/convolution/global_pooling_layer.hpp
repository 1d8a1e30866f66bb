#pragma once

#include "cornu/layers/convolution/pooling_layer.hpp"

namespace cornu {

struct GlobalPooling1DOptions {
  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

struct GlobalPooling2DOptions {
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

struct GlobalPooling3DOptions {
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

namespace detail {

CORNU_API Shape build_global_pool(const Layer& layer, Pool pool, std::size_t axes, bool last,
                                  const Shape& input, Builder& builder);
CORNU_API void global_pool_forward(Pool pool, bool last, const Forward& run);
CORNU_API void global_pool_backward(Pool pool, bool last, const Backward& run);

/// The base of the global pooling layers.
template <class O, Pool pool, std::size_t axes>
class GlobalPoolingLayer : public ConfiguredLayer<O> {
 public:
  Traits traits() const override { return pool_traits(); }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    return build_global_pool(*this, pool, axes, last(), input, builder);
  }
  void forward(const Forward& run) const override { global_pool_forward(pool, last(), run); }
  void backward(const Backward& run) const override { global_pool_backward(pool, last(), run); }

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
}  // namespace cornu
