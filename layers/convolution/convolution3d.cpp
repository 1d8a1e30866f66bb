#include "cornu/layers/convolution/convolution3d.hpp"

namespace cornu {

void Convolution3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("kernel_dim1", kernel_dim1, detail::size_range,
               "what a filter sees of the first axis");
  fields.field("kernel_dim2", kernel_dim2, detail::size_range, "of the second");
  fields.field("kernel_dim3", kernel_dim3, detail::size_range, "of the third");
  detail::describe_ordering(fields, dim_ordering);
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode);
  fields.field("subsample", subsample, detail::size_range, "places from output to output");
  detail::describe_filter_weights(fields, *this);
}

Convolution3D::Convolution3D(Convolution3DOptions options)
    : ConvolutionLayer("Convolution3D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 3);
}

detail::Filters Convolution3D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.kernel_dim1, o.kernel_dim2, o.kernel_dim3},
                                detail::to_sizes(o.subsample), {1, 1, 1}, o.border_mode,
                                detail::channels_last(o.dim_ordering)),
          o.nb_filter, false};
}

std::vector<LayerExample> Convolution3D::examples() {
  const auto example = [](Convolution3DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<Convolution3D>(std::move(options)), {input}};
  };
  return {example({.nb_filter = 2,
                   .kernel_dim1 = 2,
                   .kernel_dim2 = 1,
                   .kernel_dim3 = 3,
                   .activation = "tanh"},
                  {2, 3, 2, 4}),
          example({.nb_filter = 3,
                   .kernel_dim1 = 2,
                   .kernel_dim2 = 3,
                   .kernel_dim3 = 2,
                   .border_mode = "same",
                   .subsample = {2, 1, 3}},
                  {1, 3, 2, 5}),
          example({.nb_filter = 2,
                   .kernel_dim1 = 1,
                   .kernel_dim2 = 2,
                   .kernel_dim3 = 2,
                   .border_mode = "same",
                   .subsample = {2, 2, 1},
                   .dim_ordering = "tf",
                   .bias = false},
                  {3, 4, 2, 2})};
}

}  // namespace cornu
