#include "cornu/layers/convolution/deconvolution2d.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/layers/convolution/convolution_layer.hpp"
#include "cornu/layers/convolution/filter_order.hpp"
#include "cornu/layers/fused_activation.hpp"

// With R the convolution that leads from y's size to x's (its input has F channels, its output C):
//
//     z = b + Rᵀ x,  y = activation(z)
// back
//     dz = dy · activation'(z),  dx = R dz,  dW += the filters' gradient of R, with dz as its input
//     and x as the gradient of its output,  db += Σ dz

namespace cornu {
namespace {

using Slots = detail::ConvolutionSlots;

/// W as the kernels take the filters of R: (F, C, taps) as (C, F, taps), (taps, C, F) as (taps, F,
/// C).
detail::AxisOrder order_of(const kernels::Convolution& way_back) {
  const std::size_t T = way_back.windows.taps(), C = way_back.filters, F = way_back.channels;
  if (way_back.channels_last) return {{T, F, C}, {C * F, 1, F}};
  return {{C, F, T}, {T, C * T, 1}};
}

}  // namespace

void Deconvolution2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("nb_row", nb_row, detail::size_range, "the rows of a filter");
  fields.field("nb_col", nb_col, detail::size_range, "the columns of a filter");
  fields.field("output_shape", output_shape, "with the samples' axis in front");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode);
  fields.field("subsample", subsample, detail::size_range,
               "places of the output from one place of the input to the next");
  detail::describe_ordering(fields, dim_ordering);
  detail::describe_filter_weights(fields, *this);
}

Deconvolution2D::Deconvolution2D(Deconvolution2DOptions options)
    : ConfiguredLayer("Deconvolution2D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 2);
  const Shape& output = options_.output_shape;
  const std::size_t channels =
      output.rank() == 4 ? output[detail::channels_last(options_.dim_ordering) ? 3 : 1] : 0;
  if (channels != options_.nb_filter)
    throw ConfigError(place(),
                      "expected an output_shape of four sizes with nb_filter = " +
                          std::to_string(options_.nb_filter) + " channels, got " +
                          output.to_string(),
                      "the samples' axis comes first, 0 for any number of them");
}

Traits Deconvolution2D::traits() const { return detail::convolution_traits(options_.activation); }

kernels::Convolution Deconvolution2D::way_back(const Shape& input) const {
  const bool last = detail::channels_last(options_.dim_ordering);
  const detail::MovingWindow moving = detail::moving_window({options_.nb_row, options_.nb_col},
                                                            detail::to_sizes(options_.subsample),
                                                            {1, 1}, options_.border_mode, last);
  const Shape& out = options_.output_shape;
  const Shape output{out[1], out[2], out[3]};
  const kernels::Windows windows =
      detail::windows_on(*this, moving, detail::picture_sizes(*this, 2, last, output));
  const detail::PictureSizes sizes = detail::picture_sizes(*this, 2, last, input);
  if (detail::positions_of(windows) != sizes.places)
    throw ShapeError(place(),
                     "the output_shape " + out.to_string() + " belongs to inputs of " +
                         std::to_string(windows.axes[1].output) + " x " +
                         std::to_string(windows.axes[2].output) + " places, got " +
                         input.to_string_with_samples(),
                     options_.border_mode == "same"
                         ? "with \"same\", input = ceil(output / subsample)"
                         : "with \"valid\", input = floor((output - filter) / subsample) + 1");
  return {windows, options_.nb_filter, sizes.channels, last};
}

Shape Deconvolution2D::build(const Shape& input, Builder& builder) const {
  const kernels::Convolution R = way_back(input);
  const std::size_t F = options_.nb_filter, C = R.filters;
  const Shape W = R.channels_last ? Shape{options_.nb_row, options_.nb_col, C, F}
                                  : Shape{F, C, options_.nb_row, options_.nb_col};
  const Shape& out = options_.output_shape;
  const Shape output{out[1], out[2], out[3]};
  options_.activation.function().check(output);
  const kernels::Convolution as_stored{R.windows, C, F, R.channels_last};
  builder.parameter(Slots::W, W, detail::filter_initializer(options_.init, as_stored),
                    options_.W_regularizer, options_.W_constraint);
  if (options_.bias)
    builder.parameter(Slots::b, Shape{F}, "zero", options_.b_regularizer, options_.b_constraint);
  detail::declare_activation(options_.activation, output.size(), builder, {Slots::z, Slots::dz});
  builder.workspace(Slots::scratch, 0, detail::scratch_size(R));
  builder.workspace(Slots::turned, 0, W.size());
  return output;
}

void Deconvolution2D::forward(const Forward& run) const {
  const kernels::Convolution R = way_back(run.x().shape.without_samples());
  const Array turned = run[Slots::turned], scratch = run[Slots::scratch];
  const View z = detail::before_activation(options_.activation, run, {Slots::z, Slots::dz});
  // z = b + Rᵀ x
  detail::reorder(order_of(R), run[Slots::W].data(), turned.data());
  kernels::convolve_backward_input(R, run.y.shape.front(), turned.data(), run.x().data,
                                   run[Slots::b].data(), z.data, scratch.data(), scratch.size());
  detail::activate(options_.activation, z, run.y);
}

void Deconvolution2D::backward(const Backward& run) const {
  const kernels::Convolution R = way_back(run.x().shape.without_samples());
  const std::size_t samples = run.dy.shape.front();
  const Array turned = run[Slots::turned], scratch = run[Slots::scratch];
  const ConstView dz = detail::activation_gradient(options_.activation, run, {Slots::z, Slots::dz});
  // dW += the filters' gradient
  if (const Array dW = run.gradient(Slots::W); !dW.empty()) {
    std::fill(turned.begin(), turned.end(), Scalar{0});
    kernels::convolve_backward_filters(R, samples, dz.data, run.x().data, turned.data(),
                                       scratch.data(), scratch.size());
    detail::add_reordered(order_of(R), turned.data(), dW.data());
  }
  // db += Σ dz
  if (const Array db = run.gradient(Slots::b); !db.empty())
    kernels::add_channel_sums(dz.data, samples, R.windows.inputs(), R.channels, R.channels_last,
                              db.data());
  // dx = R dz
  if (run.dx()) {
    detail::reorder(order_of(R), run[Slots::W].data(), turned.data());
    kernels::convolve(R, samples, dz.data, turned.data(), nullptr, run.dx().data, scratch.data(),
                      scratch.size());
  }
}

double Deconvolution2D::multiplications(std::span<const Shape> inputs) const {
  const kernels::Convolution R = way_back(inputs[0]);
  return static_cast<double>(R.windows.positions()) * static_cast<double>(R.terms()) *
         static_cast<double>(R.filters);
}

std::vector<LayerExample> Deconvolution2D::examples() {
  const auto example = [](Deconvolution2DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<Deconvolution2D>(std::move(options)), {input}};
  };
  return {example({.nb_filter = 3,
                   .nb_row = 2,
                   .nb_col = 3,
                   .output_shape = {0, 3, 5, 6},
                   .activation = "tanh"},
                  {2, 4, 4}),
          example({.nb_filter = 2,
                   .nb_row = 3,
                   .nb_col = 2,
                   .output_shape = {0, 7, 4, 2},
                   .border_mode = "same",
                   .subsample = {2, 3},
                   .dim_ordering = "tf"},
                  {4, 2, 3}),
          // Rows of the output that no filter reaches.
          example({.nb_filter = 2,
                   .nb_row = 1,
                   .nb_col = 2,
                   .output_shape = {0, 2, 6, 5},
                   .subsample = {2, 2},
                   .bias = false},
                  {1, 3, 2})};
}

}  // namespace cornu
