#include "cornu/layers/convolution/spatial_dropout.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/layers/copy.hpp"

// y[n, c, i] = x[n, c, i] keep[n, c],  keep = 0 with probability p, else 1 / (1 - p)
// back:  dx[n, c, i] = dy[n, c, i] keep[n, c]

namespace cornu {

void SpatialDropout1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "the probability of a channel to be dropped");
}

std::vector<LayerExample> SpatialDropout1D::examples() {
  return {{std::make_shared<SpatialDropout1D>(), {Shape{3, 4}}},
          {std::make_shared<SpatialDropout1D>(SpatialDropout1DOptions{.p = 0}), {Shape{2, 1}}}};
}

void SpatialDropout2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "the probability of a channel to be dropped");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

std::vector<LayerExample> SpatialDropout2D::examples() {
  return {{std::make_shared<SpatialDropout2D>(SpatialDropout2DOptions{.p = 0.3}), {Shape{2, 3, 2}}},
          {std::make_shared<SpatialDropout2D>(SpatialDropout2DOptions{.dim_ordering = "tf"}),
           {Shape{3, 2, 5}}}};
}

void SpatialDropout3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "the probability of a channel to be dropped");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

std::vector<LayerExample> SpatialDropout3D::examples() {
  return {
      {std::make_shared<SpatialDropout3D>(SpatialDropout3DOptions{.p = 0.3}), {Shape{3, 2, 1, 2}}},
      {std::make_shared<SpatialDropout3D>(SpatialDropout3DOptions{.dim_ordering = "tf"}),
       {Shape{2, 1, 2, 3}}}};
}

namespace detail {
namespace {

constexpr CacheSlot channels_kept{0, "keep"};

/// y = x times the factor of its channel; y may be x.
void scale_channels(ConstView x, const Scalar* factors, bool last, View y) {
  const std::size_t samples = x.shape.front(), channels = x.shape[last ? x.shape.rank() - 1 : 1];
  const std::size_t places = x.size() / std::max(samples * channels, std::size_t{1});
  std::size_t at = 0;
  for (std::size_t n = 0; n < samples; ++n, factors += channels) {
    if (last)
      for (std::size_t i = 0; i < places; ++i)
        for (std::size_t c = 0; c < channels; ++c, ++at) y.data[at] = x.data[at] * factors[c];
    else
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < places; ++i, ++at) y.data[at] = x.data[at] * factors[c];
  }
}

}  // namespace

Traits spatial_dropout_traits(double p) {
  const bool drops = p > 0;
  return {.reads_input = false,
          .in_place = true,
          .random = drops,
          .training_differs = drops,
          .mask = MaskRule::pass};
}

Shape build_spatial_dropout(const Layer& layer, double p, std::size_t axes, bool last,
                            const Shape& input, Builder& builder) {
  const std::size_t channels = picture_sizes(layer, axes, last, input).channels;
  if (p > 0) builder.cache(channels_kept, channels);
  return input;
}

void spatial_dropout_forward(double p, bool last, const Forward& run) {
  if (!run.training || p == 0) return copy(run.x(), run.y);
  const Array factors = run[channels_kept];
  const Scalar kept = static_cast<Scalar>(1 / (1 - p));
  RandomStream random = run.random;
  for (Scalar& factor : factors) factor = random.uniform() < p ? Scalar{0} : kept;
  scale_channels(run.x(), factors.data(), last, run.y);
}

void spatial_dropout_backward(double p, bool last, const Backward& run) {
  if (!run.dx()) return;
  if (p == 0) return copy(run.dy, run.dx());
  scale_channels(run.dy, run[channels_kept].data(), last, run.dx());
}

}  // namespace detail
}  // namespace cornu
