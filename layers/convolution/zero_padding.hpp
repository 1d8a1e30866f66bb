#pragma once

#include <array>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct ZeroPadding1DOptions {
  std::size_t padding = 1;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// `padding` zeros at both ends of the steps: (N, steps, features) to (N, steps + 2 padding,
/// features). (Keras 1.0.3, layers/convolutional.py)
class CORNU_API ZeroPadding1D final : public ConfiguredLayer<ZeroPadding1DOptions> {
 public:
  explicit ZeroPadding1D(ZeroPadding1DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct ZeroPadding2DOptions {
  std::vector<int> padding = {1, 1};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Zeros around a picture: padding[0] rows above and below, padding[1] columns left and right. The
/// config has dim_ordering where it is "tf", which Keras 1.0.3 forgets.
class CORNU_API ZeroPadding2D final : public ConfiguredLayer<ZeroPadding2DOptions> {
 public:
  explicit ZeroPadding2D(ZeroPadding2DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct ZeroPadding3DOptions {
  std::vector<int> padding = {1, 1, 1};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Zeros around a volume, on both sides of each of its three axes.
class CORNU_API ZeroPadding3D final : public ConfiguredLayer<ZeroPadding3DOptions> {
 public:
  explicit ZeroPadding3D(ZeroPadding3DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
