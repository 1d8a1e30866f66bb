#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct SReLUOptions {
  Initializer t_left_init = "zero";
  Initializer a_left_init = "glorot_uniform";
  Initializer t_right_init = "glorot_uniform";
  Initializer a_right_init = "one";

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Three straight pieces, with trained bends and outer slopes for each element of a sample. With
/// t_r = t_left + |t_right|,
///
///     y = t_left + min(r, |t_right|) + a_right * max(x - t_r, 0)
///     r = x - t_left where that is above 0, else a_left * (x - t_left)
///
/// so y = x between t_left and t_r. x (N, ...), the parameters (...), y (N, ...); masks pass
/// through. (Jin et al., "Deep Learning with S-shaped Rectified Linear Activation Units", 2015;
/// Keras 1.0.3, layers/advanced_activations.py, on Theano)
class CORNU_API SReLU final : public ConfiguredLayer<SReLUOptions> {
 public:
  explicit SReLU(SReLUOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  struct Slots {
    static constexpr ParameterSlot t_left{0, "t_left"}, a_left{1, "a_left"};
    static constexpr ParameterSlot t_right{2, "t_right"}, a_right{3, "a_right"};
  };
};

}  // namespace cornu
