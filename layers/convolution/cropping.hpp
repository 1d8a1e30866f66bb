#pragma once

#include <array>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct Cropping1DOptions {
  std::vector<int> cropping = {1, 1};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Takes cropping[0] steps from the front and cropping[1] from the end. Throws ShapeError where
/// nothing would be left. (Keras 1.2.2, layers/convolutional.py)
class CORNU_API Cropping1D final : public ConfiguredLayer<Cropping1DOptions> {
 public:
  explicit Cropping1D(Cropping1DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct Cropping2DOptions {
  std::vector<std::array<int, 2>> cropping = {{0, 0}, {0, 0}};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Takes rows from above and below, columns from left and right, as the two pairs say.
class CORNU_API Cropping2D final : public ConfiguredLayer<Cropping2DOptions> {
 public:
  explicit Cropping2D(Cropping2DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

struct Cropping3DOptions {
  std::vector<std::array<int, 2>> cropping = {{1, 1}, {1, 1}, {1, 1}};
  std::string dim_ordering = "th";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Takes places from both ends of each of the three axes, as the three pairs say.
class CORNU_API Cropping3D final : public ConfiguredLayer<Cropping3DOptions> {
 public:
  explicit Cropping3D(Cropping3DOptions options = {});

  Traits traits() const override { return {.reads_input = false}; }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
