#include "cornu/layers/convolution/convolution2d.hpp"

namespace cornu {

void Convolution2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("nb_row", nb_row, detail::size_range, "the rows that a filter sees");
  fields.field("nb_col", nb_col, detail::size_range, "the columns that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode);
  fields.field("subsample", subsample, detail::size_range, "places from output to output");
  detail::describe_ordering(fields, dim_ordering);
  detail::describe_filter_weights(fields, *this);
}

Convolution2D::Convolution2D(Convolution2DOptions options)
    : ConvolutionLayer("Convolution2D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 2);
}

detail::Filters Convolution2D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.nb_row, o.nb_col}, detail::to_sizes(o.subsample), {1, 1},
                                o.border_mode, detail::channels_last(o.dim_ordering)),
          o.nb_filter, false};
}

std::vector<LayerExample> Convolution2D::examples() {
  const auto example = [](Convolution2DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<Convolution2D>(std::move(options)), {input}};
  };
  return {
      // Uneven sizes; a picture wider than one vector.
      example({.nb_filter = 3, .nb_row = 2, .nb_col = 3, .activation = "softsign"}, {2, 5, 21}),
      example(
          {.nb_filter = 2, .nb_row = 3, .nb_col = 2, .activation = "tanh", .dim_ordering = "tf"},
          {5, 7, 3}),
      // Even windows, padded unevenly.
      example({.nb_filter = 2, .nb_row = 2, .nb_col = 4, .border_mode = "same"}, {1, 5, 4}),
      example({.nb_filter = 9,
               .nb_row = 4,
               .nb_col = 2,
               .border_mode = "same",
               .subsample = {2, 1},
               .dim_ordering = "tf",
               .bias = false},
              {5, 3, 2}),
      // Strides larger than the window, which leave places out.
      example({.nb_filter = 2, .nb_row = 1, .nb_col = 2, .subsample = {2, 3}}, {2, 4, 8}),
      example({.nb_filter = 2,
               .nb_row = 2,
               .nb_col = 1,
               .border_mode = "same",
               .subsample = {3, 2},
               .dim_ordering = "tf"},
              {7, 4, 1}),
      // A window larger than the picture.
      example({.nb_filter = 2, .nb_row = 3, .nb_col = 5, .border_mode = "same"}, {1, 1, 2}),
      example({.nb_filter = 3,
               .nb_row = 1,
               .nb_col = 1,
               .activation = "relu",
               .W_regularizer = "l1l2",
               .b_regularizer = l2(0.1),
               .activity_regularizer = "activity_l2",
               .W_constraint = unitnorm({1, 2, 3}),
               .b_constraint = "nonneg"},
              {4, 3, 2})};
}

}  // namespace cornu
