#pragma once

#include "cornu/layers/convolution/moving_window.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {
namespace detail {

/// What all convolutional layers compute, whatever their number of axes; convolution_layer.cpp has
/// the formulas.
struct Filters {
  MovingWindow moving;
  std::size_t count;       ///< nb_filter, F
  bool first_of_one_axis;  ///< W is (F, C, length, 1) over channels that stand last: Convolution1D
};

/// The slots of these layers.
struct ConvolutionSlots {
  static constexpr ParameterSlot W{0, "W"}, b{1, "b"};
  static constexpr CacheSlot z{0, "z"};
  static constexpr WorkspaceSlot dz{0, "dz"}, scratch{1, "scratch"}, turned{2, "turned"};
};

/// The kernels' convolution for an input of this sample shape. Throws ShapeError.
CORNU_API kernels::Convolution convolution_on(const Layer& layer, const Filters& filters,
                                              const Shape& input);

/// The options that they share, as build needs them.
struct FilterWeights {
  const Initializer& init;
  const ActivationName& activation;
  const Regularizer &W_regularizer, &b_regularizer;
  const Constraint &W_constraint, &b_constraint;
  bool bias;
};

/// How W starts: with channels last, the numbers for (F, C, taps...) put into (taps..., C, F), so
/// that fans and orthogonal filters mean the same in both orders. (Keras 1.0.3 takes the axes for
/// what they are not.)
CORNU_API Initializer filter_initializer(const Initializer& init,
                                         const kernels::Convolution& convolution);
/// Memory for as many threads as there are when the layer becomes part of a graph.
CORNU_API std::size_t scratch_size(const kernels::Convolution& convolution);

CORNU_API Traits convolution_traits(const ActivationName& activation);
CORNU_API Shape build_convolution(const Layer& layer, const Filters& filters,
                                  const FilterWeights& weights, const Shape& input,
                                  Builder& builder);
CORNU_API void convolution_forward(const Layer& layer, const Filters& filters,
                                   const ActivationName& activation, const Forward& run);
CORNU_API void convolution_backward(const Layer& layer, const Filters& filters,
                                    const ActivationName& activation, const Backward& run);
CORNU_API double convolution_multiplications(const Layer& layer, const Filters& filters,
                                             const Shape& input);

/// Visits the options that all layers with filters share, in Keras's order: from W_regularizer on.
template <class Options>
void describe_filter_weights(Fields& fields, Options& options) {
  fields.argument("weights", options.weights, "the values of W and b (F,) to start from");
  fields.field("W_regularizer", options.W_regularizer, "penalty on W");
  fields.field("b_regularizer", options.b_regularizer, "penalty on b");
  fields.field("activity_regularizer", options.activity_regularizer, "penalty on the output");
  fields.field("W_constraint", options.W_constraint, "constraint on W");
  fields.field("b_constraint", options.b_constraint, "constraint on b");
  fields.field("bias", options.bias, "whether there is a b");
}

/// The base of the convolutional layers: their options O, and how these say that filters move.
template <class O>
class ConvolutionLayer : public ConfiguredLayer<O> {
 public:
  Traits traits() const override { return convolution_traits(this->options_.activation); }
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override {
    const O& o = this->options_;
    return build_convolution(*this, filters(),
                             {o.init, o.activation, o.W_regularizer, o.b_regularizer,
                              o.W_constraint, o.b_constraint, o.bias},
                             input, builder);
  }
  void forward(const Forward& run) const override {
    convolution_forward(*this, filters(), this->options_.activation, run);
  }
  void backward(const Backward& run) const override {
    convolution_backward(*this, filters(), this->options_.activation, run);
  }
  const ActivationName* output_activation() const override { return &this->options_.activation; }
  const ActivityRegularizer* activity_regularizer() const override {
    return this->options_.activity_regularizer ? &this->options_.activity_regularizer : nullptr;
  }
  std::vector<Tensor> initial_weights() const override { return this->options_.weights; }
  double multiplications(std::span<const Shape> inputs) const override {
    return convolution_multiplications(*this, filters(), inputs[0]);
  }

 protected:
  using ConfiguredLayer<O>::ConfiguredLayer;
  virtual Filters filters() const = 0;
};

}  // namespace detail
}  // namespace cornu
