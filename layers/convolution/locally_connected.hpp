#pragma once

#include "cornu/layers/convolution/convolution_layer.hpp"

namespace cornu {

struct LocallyConnected1DOptions {
  std::size_t nb_filter = 0;
  std::size_t filter_length = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::size_t subsample_length = 1;
  Regularizer W_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;
  std::size_t input_dim = 0;
  std::size_t input_length = 0;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

struct LocallyConnected2DOptions {
  std::size_t nb_filter = 0;
  std::size_t nb_row = 0;
  std::size_t nb_col = 0;
  Initializer init = "glorot_uniform";
  ActivationName activation = "linear";
  std::vector<Tensor> weights = {};
  std::string border_mode = "valid";
  std::vector<int> subsample = {1, 1};
  std::string dim_ordering = "th";
  Regularizer W_regularizer = {};
  Regularizer b_regularizer = {};
  ActivityRegularizer activity_regularizer = {};
  Constraint W_constraint = {};
  Constraint b_constraint = {};
  bool bias = true;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

namespace detail {

CORNU_API Shape build_locally_connected(const Layer& layer, const Filters& filters,
                                        const FilterWeights& weights, const Shape& input,
                                        Builder& builder);
CORNU_API void locally_connected_forward(const Layer& layer, const Filters& filters,
                                         const ActivationName& activation, const Forward& run);
CORNU_API void locally_connected_backward(const Layer& layer, const Filters& filters,
                                          const ActivationName& activation, const Backward& run);

/// The base of the two layers.
template <class O>
class LocallyConnectedLayer : public ConvolutionLayer<O> {
 public:
  using ConvolutionLayer<O>::build;
  Shape build(const Shape& input, Builder& builder) const override {
    const O& o = this->options_;
    return build_locally_connected(*this, this->filters(),
                                   {o.init, o.activation, o.W_regularizer, o.b_regularizer,
                                    o.W_constraint, o.b_constraint, o.bias},
                                   input, builder);
  }
  void forward(const Forward& run) const override {
    locally_connected_forward(*this, this->filters(), this->options_.activation, run);
  }
  void backward(const Backward& run) const override {
    locally_connected_backward(*this, this->filters(), this->options_.activation, run);
  }

 protected:
  using ConvolutionLayer<O>::ConvolutionLayer;
};

}  // namespace detail

/// Convolution1D with filters of its own at every output step p: (N, steps, C) to (N, P, F).
///
///     y[n, p, f] = activation(b[p, f] + sum over k of window(n, p)[k] W[p, k, f])
///
/// `weights` are W (P, filter_length * C, F), a window in the order (step, channel), and b (P, F).
/// border_mode is "valid". (Keras 1.2.2, layers/local.py)
class CORNU_API LocallyConnected1D final
    : public detail::LocallyConnectedLayer<LocallyConnected1DOptions> {
 public:
  explicit LocallyConnected1D(LocallyConnected1DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

/// Convolution2D with filters of its own at every output place, P = rows' * columns' of them.
///
/// `weights` are W (P, nb_row * nb_col * C, F), a window in the order (channel, row, column), with
/// dim_ordering "tf" (row, column, channel), and b (rows', columns', F). Keras 1.2.2 reads b as
/// (F, rows', columns') with "th", without moving a number; here it means what its shape says.
class CORNU_API LocallyConnected2D final
    : public detail::LocallyConnectedLayer<LocallyConnected2DOptions> {
 public:
  explicit LocallyConnected2D(LocallyConnected2DOptions options);
  static std::vector<LayerExample> examples();

 private:
  detail::Filters filters() const override;
};

}  // namespace cornu
