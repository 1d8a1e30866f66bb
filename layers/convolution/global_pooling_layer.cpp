#include "cornu/layers/convolution/global_pooling_layer.hpp"

#include <algorithm>

#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/kernels/rows/rows.hpp"

// y[n, c] = the largest, or the mean, of x[n, c, i] over all S places i
//
// back:  max      dx[n, c, i] = dy[n, c] for the first i that has the maximum, 0 for the others
//        average  dx[n, c, i] = dy[n, c] / S

namespace cornu {

void GlobalPooling1DOptions::describe(Fields& fields) { describe_layer(fields, *this); }
void GlobalPooling2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  detail::describe_ordering(fields, dim_ordering);
}
void GlobalPooling3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  detail::describe_ordering(fields, dim_ordering);
}

namespace detail {
namespace {

constexpr CacheSlot place_of_maximum{0, "place"};  // of the maximum

/// (N, C, S), or (N, S, C) with channels last.
struct EachChannel {
  std::size_t samples, channels, places;

  EachChannel(const Shape& picture, const Shape& means)
      : samples(means[0]),
        channels(means[1]),
        places(picture.size() / std::max(means.size(), std::size_t{1})) {}
};

}  // namespace

Shape build_global_pool(const Layer& layer, Pool pool, std::size_t axes, bool last,
                        const Shape& input, Builder& builder) {
  const std::size_t channels = picture_sizes(layer, axes, last, input).channels;
  if (pool == Pool::max) builder.cache(place_of_maximum, channels);
  return Shape{channels};
}

void global_pool_forward(Pool pool, bool last, const Forward& run) {
  const EachChannel p(run.x().shape, run.y.shape);
  const Scalar* x = run.x().data;
  Scalar* y = run.y.data;
  Scalar* at = run[place_of_maximum].data();
  if (pool == Pool::average) {
    if (!last) return kernels::channel_means(x, {1, p.samples * p.channels, p.places}, y);
    for (std::size_t n = 0; n < p.samples; ++n, x += p.places * p.channels, y += p.channels)
      kernels::channel_means(x, {p.places, p.channels, 1}, y);
    return;
  }
  const std::size_t channel_step = last ? 1 : p.places, place_step = last ? p.channels : 1;
  for (std::size_t n = 0; n < p.samples; ++n, x += p.places * p.channels)
    for (std::size_t c = 0; c < p.channels; ++c) {
      const Scalar* seen = x + c * channel_step;
      std::size_t best = 0;
      for (std::size_t i = 1; i < p.places; ++i) {
        const Scalar v = seen[i * place_step];
        if (v > seen[best * place_step] || v != v) best = i;
      }
      *y++ = seen[best * place_step];
      if (at != nullptr) *at++ = static_cast<Scalar>(best);
    }
}

void global_pool_backward(Pool pool, bool last, const Backward& run) {
  if (!run.dx()) return;
  const EachChannel p(run.dx().shape, run.dy.shape);
  const Scalar* dy = run.dy.data;
  Scalar* dx = run.dx().data;
  const std::size_t channel_step = last ? 1 : p.places, place_step = last ? p.channels : 1;
  if (pool == Pool::max) {
    const Scalar* at = run[place_of_maximum].data();
    std::fill_n(dx, run.dx().size(), Scalar{0});
    for (std::size_t n = 0; n < p.samples; ++n, dx += p.places * p.channels)
      for (std::size_t c = 0; c < p.channels; ++c)
        dx[c * channel_step + static_cast<std::size_t>(*at++) * place_step] = *dy++;
    return;
  }
  const Scalar S = static_cast<Scalar>(p.places);
  for (std::size_t n = 0; n < p.samples; ++n, dx += p.places * p.channels, dy += p.channels) {
    if (last)
      for (std::size_t i = 0; i < p.places; ++i)
        for (std::size_t c = 0; c < p.channels; ++c) dx[i * p.channels + c] = dy[c] / S;
    else
      for (std::size_t c = 0; c < p.channels; ++c)
        std::fill_n(dx + c * p.places, p.places, dy[c] / S);
  }
}

}  // namespace detail
}  // namespace cornu
