#pragma once

#include "cornu/layers/axes.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

struct LayerNormalizationOptions {
  Axes axis = -1;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Initializer beta_init = "zero";
  Initializer gamma_init = "one";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Layer normalization (Ba, Kiros and Hinton, "Layer Normalization", 2016, arXiv 1607.06450) with
/// the arithmetic of Keras 3, layers/normalization/layer_normalization.py: each sample by itself,
/// in training and testing alike. Over the D numbers along `axis`, one or several,
///
///     mu = mean(x),  s = sqrt(mean((x - mu)^2) + epsilon)
///     y = gamma * (x - mu) / s + beta
///
/// gamma and beta have the sizes of these axes; `scale` and `center` say whether they exist. Any
/// shape; masks pass through. BatchNormalization's mode 1 is Keras 1's form, with epsilon outside
/// of the root.
///
/// Throws ConfigError for options out of range and, when the input is known, for axes that it does
/// not have.
class CORNU_API LayerNormalization final : public ConfiguredLayer<LayerNormalizationOptions> {
 public:
  explicit LayerNormalization(LayerNormalizationOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  struct Slots {
    static constexpr ParameterSlot gamma{0, "gamma"}, beta{1, "beta"};
    static constexpr CacheSlot mu{0, "mu"}, s{1, "s"};
    // The arrays as rows, where they do not lie so; constants for a missing gamma or beta, and
    // where a gradient goes that nobody wants.
    static constexpr WorkspaceSlot x_rows{0, "x_rows"}, y_rows{1, "y_rows"};
    static constexpr WorkspaceSlot ones{2, "ones"}, zeros{3, "zeros"}, unwanted{4, "unwanted"};
  };
};

}  // namespace cornu
