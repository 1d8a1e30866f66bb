#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {
namespace detail {
class MergeMode;
}

struct MergeOptions {
  std::string mode = "sum";  ///< sum, mul, ave, max, concat, dot, cos; subtract, minimum
  /// For concat: the axis along which inputs are laid one after the other; the samples' axis is 0,
  /// negative axes count from the end.
  int concat_axis = -1;
  /// For dot and cos: the axis of the first and of the second input to sum over, counted alike.
  std::vector<int> dot_axes = {-1, -1};
  std::string name = {};
  // No input_shape and no trainable in Keras's config: a Merge is never first and trains nothing.
  Shape input_shape = {};
  Shape batch_input_shape = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Joins two or more inputs (Keras 1.0.3, engine/topology.py; `max` from 1.0.6; `subtract` and
/// `minimum` are Keras 2's layers of these names).
///
/// | mode          | inputs                | output                                              |
/// |---------------|-----------------------|-----------------------------------------------------|
/// | sum, mul      | equal shapes          | element by element                                  |
/// | max, minimum  | equal shapes          | element by element                                  |
/// | ave           | equal shapes          | the mean, element by element                        |
/// | subtract      | two of equal shapes   | the first minus the second, element by element      |
/// | concat        | equal but in one axis | laid side by side along `concat_axis`               |
/// | dot           | two                   | sums of products over `dot_axes`, sample by sample: |
/// |               |                       | the first's other axes, then the second's, or (N, 1)|
/// | cos           | two of shape (N, D)   | (N, 1): a . b / max(sqrt(a . a  b . b), 1e-7)       |
///
/// Masks as from Keras 1.0.5 on: dot and cos drop them; concat along time lays them side by side,
/// an input without one being seen; otherwise a step is seen where every input with a mask sees it.
///
/// The floor under the denominator of cos is Keras 1.0.4's; without it a zero row gives NaN.
class CORNU_API Merge final : public ConfiguredLayer<MergeOptions> {
 public:
  /// Throws ConfigError for an unknown mode and for axes that do not fit it.
  explicit Merge(MergeOptions options = {});
  Merge(Merge&& other) noexcept;
  ~Merge() override;

  Traits traits() const override;
  using Layer::build;
  Shape build(std::span<const Shape> inputs, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  double multiplications(std::span<const Shape> inputs) const override;
  static std::vector<LayerExample> examples();

 private:
  std::unique_ptr<const detail::MergeMode> mode_;
};

}  // namespace cornu
