#pragma once

#include "cornu/layers/convolution/moving_window.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

struct Pooling1DOptions {
  std::size_t pool_length = 2;
  std::size_t stride = 0;  ///< 0: pool_length
  std::string border_mode = "valid";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

struct Pooling2DOptions {
  std::vector<int> pool_size = {2, 2};
  std::vector<int> strides = {};  ///< empty: pool_size
  std::string border_mode = "valid";
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

struct Pooling3DOptions {
  std::vector<int> pool_size = {2, 2, 2};
  std::vector<int> strides = {};  ///< empty: pool_size
  std::string border_mode = "valid";
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

namespace detail {

enum class Pool { max, average };

/// How the window of these options moves.
CORNU_API MovingWindow pool_window(const Pooling1DOptions& options);
CORNU_API MovingWindow pool_window(const Pooling2DOptions& options);
CORNU_API MovingWindow pool_window(const Pooling3DOptions& options);
/// Puts the window's size where no stride is given, as configs have it. Throws ConfigError for
/// another number of numbers than axes.
CORNU_API Pooling1DOptions with_stride(const char* class_name, Pooling1DOptions options);
CORNU_API Pooling2DOptions with_stride(const char* class_name, Pooling2DOptions options);
CORNU_API Pooling3DOptions with_stride(const char* class_name, Pooling3DOptions options);

CORNU_API Traits pool_traits();
CORNU_API Shape build_pool(const Layer& layer, Pool pool, const MovingWindow& moving,
                           const Shape& input, Builder& builder);
CORNU_API void pool_forward(const Layer& layer, Pool pool, const MovingWindow& moving,
                            const Forward& run);
CORNU_API void pool_backward(const Layer& layer, Pool pool, const MovingWindow& moving,
                             const Backward& run);

/// The base of the pooling layers: their options O, and what becomes of the numbers under a window.
template <class O, Pool pool>
class PoolingLayer : public ConfiguredLayer<O> {
 public:
  Traits traits() const override { return pool_traits(); }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    return build_pool(*this, pool, pool_window(this->options_), input, builder);
  }
  void forward(const Forward& run) const override {
    pool_forward(*this, pool, pool_window(this->options_), run);
  }
  void backward(const Backward& run) const override {
    pool_backward(*this, pool, pool_window(this->options_), run);
  }

 protected:
  PoolingLayer(const char* class_name, O options)
      : ConfiguredLayer<O>(class_name, with_stride(class_name, std::move(options))) {}
};

}  // namespace detail
}  // namespace cornu
