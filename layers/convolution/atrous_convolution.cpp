#include "cornu/layers/convolution/atrous_convolution.hpp"

namespace cornu {

void AtrousConvolution1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("filter_length", filter_length, detail::size_range, "the steps that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode, true);
  fields.field("subsample_length", subsample_length, detail::size_range,
               "steps from output to output");
  fields.field("atrous_rate", atrous_rate, detail::size_range, "steps from tap to tap");
  detail::describe_filter_weights(fields, *this);
  fields.optional("input_dim", input_dim, "C, with input_length instead of an input_shape");
  fields.optional("input_length", input_length, "the steps of the input");
}

AtrousConvolution1D::AtrousConvolution1D(AtrousConvolution1DOptions options)
    : ConvolutionLayer("AtrousConvolution1D", detail::with_steps(std::move(options))) {}

detail::Filters AtrousConvolution1D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.filter_length}, {o.subsample_length}, {o.atrous_rate},
                                o.border_mode, true),
          o.nb_filter, true};
}

std::vector<LayerExample> AtrousConvolution1D::examples() {
  const auto example = [](AtrousConvolution1DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<AtrousConvolution1D>(std::move(options)), {input}};
  };
  return {example({.nb_filter = 2, .filter_length = 3, .atrous_rate = 2}, {7, 2}),
          example({.nb_filter = 3,
                   .filter_length = 2,
                   .activation = "tanh",
                   .border_mode = "causal",
                   .atrous_rate = 3},
                  {6, 1}),
          example({.nb_filter = 2,
                   .filter_length = 3,
                   .border_mode = "same",
                   .subsample_length = 2,
                   .atrous_rate = 2,
                   .bias = false},
                  {5, 2})};
}

void AtrousConvolution2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("nb_row", nb_row, detail::size_range, "the rows that a filter sees");
  fields.field("nb_col", nb_col, detail::size_range, "the columns that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode);
  fields.field("subsample", subsample, detail::size_range, "places from output to output");
  fields.field("atrous_rate", atrous_rate, detail::size_range, "places from tap to tap");
  detail::describe_ordering(fields, dim_ordering);
  detail::describe_filter_weights(fields, *this);
}

AtrousConvolution2D::AtrousConvolution2D(AtrousConvolution2DOptions options)
    : ConvolutionLayer("AtrousConvolution2D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 2);
  detail::expect_numbers(*this, "atrous_rate", options_.atrous_rate, 2);
}

detail::Filters AtrousConvolution2D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.nb_row, o.nb_col}, detail::to_sizes(o.subsample),
                                detail::to_sizes(o.atrous_rate), o.border_mode,
                                detail::channels_last(o.dim_ordering)),
          o.nb_filter, false};
}

std::vector<LayerExample> AtrousConvolution2D::examples() {
  const auto example = [](AtrousConvolution2DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<AtrousConvolution2D>(std::move(options)), {input}};
  };
  return {
      example(
          {.nb_filter = 2, .nb_row = 2, .nb_col = 3, .activation = "tanh", .atrous_rate = {1, 2}},
          {2, 3, 6}),
      example({.nb_filter = 3,
               .nb_row = 3,
               .nb_col = 2,
               .border_mode = "same",
               .subsample = {1, 2},
               .atrous_rate = {2, 3}},
              {1, 4, 5}),
      example({.nb_filter = 2,
               .nb_row = 2,
               .nb_col = 3,
               .border_mode = "same",
               .subsample = {2, 1},
               .atrous_rate = {3, 2},
               .dim_ordering = "tf",
               .bias = false},
              {4, 5, 2})};
}

}  // namespace cornu
