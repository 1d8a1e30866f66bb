#pragma once

#include <array>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct UpSampling1DOptions {
  std::size_t length = 2;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Each step `length` times: (N, steps, features) to (N, steps * length, features). (Keras 1.0.3,
/// layers/convolutional.py)
class CORNU_API UpSampling1D final : public ConfiguredLayer<UpSampling1DOptions> {
 public:
  explicit UpSampling1D(UpSampling1DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct UpSampling2DOptions {
  std::vector<int> size = {2, 2};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Each pixel size[0] times downwards and size[1] times to the right. The config has dim_ordering
/// where it is "tf", which Keras 1.0.3 forgets.
class CORNU_API UpSampling2D final : public ConfiguredLayer<UpSampling2DOptions> {
 public:
  explicit UpSampling2D(UpSampling2DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct UpSampling3DOptions {
  std::vector<int> size = {2, 2, 2};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Each place of a volume repeated along the three axes.
class CORNU_API UpSampling3D final : public ConfiguredLayer<UpSampling3DOptions> {
 public:
  explicit UpSampling3D(UpSampling3DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
