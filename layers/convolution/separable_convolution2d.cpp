#include "cornu/layers/convolution/separable_convolution2d.hpp"

#include "cornu/layers/convolution/convolution_layer.hpp"
#include "cornu/layers/fused_activation.hpp"

// u = D * x, channel by channel;  z = P u + b;  y = activation(z)
// back
//     dz = dy · activation'(z)
//     dP += dz uᵀ,  db += Σ dz,  du = Pᵀ dz
//     dD += the filters' gradient of u for du,  dx = the way back from du

namespace cornu {
namespace {

/// The two convolutions for an input (N, ...).
struct Both {
  kernels::DepthwiseConvolution depthwise;
  kernels::Convolution pointwise;

  Both(const Layer& layer, const SeparableConvolution2DOptions& o, const Shape& input) {
    const bool last = detail::channels_last(o.dim_ordering);
    const detail::PictureSizes sizes = detail::picture_sizes(layer, 2, last, input);
    const auto moving = detail::moving_window({o.nb_row, o.nb_col}, detail::to_sizes(o.subsample),
                                              {1, 1}, o.border_mode, last);
    depthwise = {detail::windows_on(layer, moving, sizes), sizes.channels, o.depth_multiplier,
                 last};
    for (std::size_t a = 0; a < 3; ++a) {
      const std::size_t places = depthwise.windows.axes[a].output;
      pointwise.windows.axes[a] = {.input = places, .output = places};
    }
    pointwise.channels = sizes.channels * o.depth_multiplier;
    pointwise.filters = o.nb_filter;
    pointwise.channels_last = last;
  }
};

}  // namespace

void SeparableConvolution2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters");
  fields.field("nb_row", nb_row, detail::size_range, "the rows that a filter sees");
  fields.field("nb_col", nb_col, detail::size_range, "the columns that a filter sees");
  fields.field("init", init, "how both kernels start");
  fields.field("activation", activation, "applied to the sums");
  detail::describe_border(fields, border_mode);
  fields.field("subsample", subsample, detail::size_range, "places from output to output");
  fields.field("depth_multiplier", depth_multiplier, detail::size_range,
               "filters for each channel");
  detail::describe_ordering(fields, dim_ordering);
  fields.argument("weights", weights, "the values of both kernels and b (F,) to start from");
  fields.field("depthwise_regularizer", depthwise_regularizer, "penalty on the first kernel");
  fields.field("pointwise_regularizer", pointwise_regularizer, "penalty on the second");
  fields.field("b_regularizer", b_regularizer, "penalty on b");
  fields.field("activity_regularizer", activity_regularizer, "penalty on the output");
  fields.field("depthwise_constraint", depthwise_constraint, "constraint on the first kernel");
  fields.field("pointwise_constraint", pointwise_constraint, "constraint on the second");
  fields.field("b_constraint", b_constraint, "constraint on b");
  fields.field("bias", bias, "whether there is a b");
}

SeparableConvolution2D::SeparableConvolution2D(SeparableConvolution2DOptions options)
    : ConfiguredLayer("SeparableConvolution2D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 2);
}

Traits SeparableConvolution2D::traits() const {
  return detail::convolution_traits(options_.activation);
}

Shape SeparableConvolution2D::build(const Shape& input, Builder& builder) const {
  const Both both(*this, options_, input);
  const std::size_t F = options_.nb_filter, M = options_.depth_multiplier;
  const std::size_t C = both.depthwise.channels, rows = options_.nb_row, columns = options_.nb_col;
  const bool last = both.depthwise.channels_last;
  const auto places = detail::positions_of(both.depthwise.windows);
  const Shape between = detail::picture_shape(2, last, Shape{C, M}.size(), places);
  const Shape output = detail::picture_shape(2, last, F, places);
  options_.activation.function().check(output);
  builder.parameter(D, last ? Shape{rows, columns, C, M} : Shape{M, C, rows, columns},
                    detail::filter_initializer(options_.init, {both.depthwise.windows, C, M, last}),
                    options_.depthwise_regularizer, options_.depthwise_constraint);
  builder.parameter(P, last ? Shape{1, 1, C * M, F} : Shape{F, C * M, 1, 1},
                    detail::filter_initializer(options_.init, both.pointwise),
                    options_.pointwise_regularizer, options_.pointwise_constraint);
  if (options_.bias)
    builder.parameter(b, Shape{F}, "zero", options_.b_regularizer, options_.b_constraint);
  detail::declare_activation(options_.activation, output.size(), builder, {z, dz_});
  builder.cache(u, between.size(), 0, Kept::always);
  builder.workspace(scratch_, 0, detail::scratch_size(both.pointwise));
  builder.workspace(du_, between.size());
  return output;
}

void SeparableConvolution2D::forward(const Forward& run) const {
  const Both both(*this, options_, run.x().shape.without_samples());
  const std::size_t samples = run.y.shape.front();
  const Array scratch = run[scratch_];
  const View sums = detail::before_activation(options_.activation, run, {z, dz_});
  kernels::convolve_depthwise(both.depthwise, samples, run.x().data, run[D].data(), run[u].data());
  kernels::convolve(both.pointwise, samples, run[u].data(), run[P].data(), run[b].data(), sums.data,
                    scratch.data(), scratch.size());
  detail::activate(options_.activation, sums, run.y);
}

void SeparableConvolution2D::backward(const Backward& run) const {
  const Both both(*this, options_, run.x().shape.without_samples());
  const std::size_t samples = run.dy.shape.front();
  const Array scratch = run[scratch_], dD = run.gradient(D);
  const ConstView dz = detail::activation_gradient(options_.activation, run, {z, dz_});
  // dP += dz uᵀ
  if (const Array dP = run.gradient(P); !dP.empty())
    kernels::convolve_backward_filters(both.pointwise, samples, run[u].data(), dz.data, dP.data(),
                                       scratch.data(), scratch.size());
  // db += Σ dz
  if (const Array db = run.gradient(b); !db.empty())
    kernels::add_channel_sums(dz.data, samples, both.pointwise.windows.positions(),
                              options_.nb_filter, both.pointwise.channels_last, db.data());
  if (dD.empty() && !run.dx()) return;
  // du = Pᵀ dz
  kernels::convolve_backward_input(both.pointwise, samples, run[P].data(), dz.data, nullptr,
                                   run[du_].data(), scratch.data(), scratch.size());
  if (!dD.empty())
    kernels::convolve_depthwise_backward_filters(both.depthwise, samples, run.x().data,
                                                 run[du_].data(), dD.data());
  if (run.dx())
    kernels::convolve_depthwise_backward_input(both.depthwise, samples, run[D].data(),
                                               run[du_].data(), run.dx().data);
}

double SeparableConvolution2D::multiplications(std::span<const Shape> inputs) const {
  const Both both(*this, options_, inputs[0]);
  const double places = static_cast<double>(both.pointwise.windows.positions());
  return places * static_cast<double>(both.pointwise.channels) *
         static_cast<double>(both.depthwise.windows.taps() + options_.nb_filter);
}

std::vector<LayerExample> SeparableConvolution2D::examples() {
  const auto example = [](SeparableConvolution2DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<SeparableConvolution2D>(std::move(options)), {input}};
  };
  return {example({.nb_filter = 2, .nb_row = 2, .nb_col = 3, .activation = "tanh"}, {3, 4, 5}),
          example({.nb_filter = 3,
                   .nb_row = 3,
                   .nb_col = 2,
                   .border_mode = "same",
                   .subsample = {2, 3},
                   .depth_multiplier = 2},
                  {2, 3, 5}),
          example({.nb_filter = 2,
                   .nb_row = 2,
                   .nb_col = 2,
                   .border_mode = "same",
                   .dim_ordering = "tf",
                   .depthwise_regularizer = l2(0.1),
                   .pointwise_regularizer = "l1",
                   .activity_regularizer = "activity_l2"},
                  {3, 4, 9}),
          example({.nb_filter = 2,
                   .nb_row = 1,
                   .nb_col = 2,
                   .subsample = {2, 1},
                   .depth_multiplier = 3,
                   .dim_ordering = "tf",
                   .bias = false},
                  {3, 4, 1})};
}

}  // namespace cornu
