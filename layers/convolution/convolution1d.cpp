#include "cornu/layers/convolution/convolution1d.hpp"

namespace cornu {

void Convolution1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("filter_length", filter_length, detail::size_range, "the steps that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode, true);
  fields.field("subsample_length", subsample_length, detail::size_range,
               "steps from output to output");
  detail::describe_filter_weights(fields, *this);
  fields.optional("input_dim", input_dim, "C, with input_length instead of an input_shape");
  fields.optional("input_length", input_length, "the steps of the input");
}

Convolution1D::Convolution1D(Convolution1DOptions options)
    : ConvolutionLayer("Convolution1D", detail::with_steps(std::move(options))) {}

detail::Filters Convolution1D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.filter_length}, {o.subsample_length}, {1}, o.border_mode, true),
          o.nb_filter, true};
}

std::vector<LayerExample> Convolution1D::examples() {
  const auto example = [](Convolution1DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<Convolution1D>(std::move(options)), {input}};
  };
  return {example({.nb_filter = 3, .filter_length = 3, .activation = "tanh"}, {7, 2}),
          example({.nb_filter = 2, .filter_length = 4, .border_mode = "same"}, {5, 1}),
          example({.nb_filter = 9,
                   .filter_length = 2,
                   .border_mode = "causal",
                   .subsample_length = 3,
                   .bias = false},
                  {8, 3}),
          example({.nb_filter = 1,
                   .filter_length = 1,
                   .activation = "relu",
                   .border_mode = "same",
                   .subsample_length = 2,
                   .W_regularizer = "l1l2",
                   .b_regularizer = l2(0.1),
                   .activity_regularizer = "activity_l2",
                   .W_constraint = maxnorm(1.5, {1, 2, 3}),
                   .input_dim = 2,
                   .input_length = 5},
                  {5, 2})};
}

}  // namespace cornu
