#pragma once

// Not a public header: what the functions of kernels/windows/windows.hpp compute, as plainly as
// possible, for tests.

#include <limits>
#include <optional>

#include "cornu/kernels/windows/windows.hpp"

namespace cornu::kernels::reference {

/// body(position, tap, place) for all that see a place of the picture, taps in row-major order.
template <class Body>
void each_sight(const Windows& windows, const Body& body) {
  const auto& [D, H, W] = windows.axes;
  /// The place that a tap of a position sees along one axis, if it is one of the picture.
  const auto place = [](const WindowAxis& axis, std::size_t i,
                        std::size_t tap) -> std::optional<std::size_t> {
    const std::size_t padded = i * axis.stride + tap * axis.spread;
    if (padded < axis.before || padded >= axis.before + axis.input) return {};
    return padded - axis.before;
  };
  for (std::size_t i = 0; i < D.output; ++i)
    for (std::size_t j = 0; j < H.output; ++j)
      for (std::size_t k = 0; k < W.output; ++k)
        for (std::size_t a = 0; a < D.window; ++a)
          for (std::size_t b = 0; b < H.window; ++b)
            for (std::size_t e = 0; e < W.window; ++e) {
              const auto d = place(D, i, a), h = place(H, j, b), w = place(W, k, e);
              if (d && h && w)
                body((i * H.output + j) * W.output + k, (a * H.window + b) * W.window + e,
                     (*d * H.input + *h) * W.input + *w);
            }
}

/// body(of x, of W, of y) for all products of one sample.
template <class Body>
void each_product(const Convolution& c, const Body& body) {
  each_sight(c.windows, [&](std::size_t position, std::size_t tap, std::size_t place) {
    for (std::size_t f = 0; f < c.filters; ++f)
      for (std::size_t channel = 0; channel < c.channels; ++channel) {
        if (c.channels_last)
          body(place * c.channels + channel, (tap * c.channels + channel) * c.filters + f,
               position * c.filters + f);
        else
          body(channel * c.windows.inputs() + place,
               (f * c.channels + channel) * c.windows.taps() + tap,
               f * c.windows.positions() + position);
      }
  });
}
template <class Body>
void each_product(const DepthwiseConvolution& c, const Body& body) {
  each_sight(c.windows, [&](std::size_t position, std::size_t tap, std::size_t place) {
    for (std::size_t channel = 0; channel < c.channels; ++channel)
      for (std::size_t m = 0; m < c.multiplier; ++m) {
        const std::size_t out = channel * c.multiplier + m;
        if (c.channels_last)
          body(place * c.channels + channel, (tap * c.channels + channel) * c.multiplier + m,
               position * c.channels * c.multiplier + out);
        else
          body(channel * c.windows.inputs() + place,
               (m * c.channels + channel) * c.windows.taps() + tap,
               out * c.windows.positions() + position);
      }
  });
}

inline std::size_t outputs(const Convolution& c) { return c.windows.positions() * c.filters; }
inline std::size_t outputs(const DepthwiseConvolution& c) {
  return c.windows.positions() * c.channels * c.multiplier;
}

/// Of either kind of convolution, without bias.
template <class Kind>
void convolve(const Kind& c, std::size_t samples, const Scalar* x, const Scalar* W, Scalar* y) {
  const std::size_t n_x = c.windows.inputs() * c.channels, n_y = outputs(c);
  for (std::size_t i = 0; i < samples * n_y; ++i) y[i] = 0;
  for (std::size_t n = 0; n < samples; ++n)
    each_product(c, [&](std::size_t of_x, std::size_t of_W, std::size_t of_y) {
      y[n * n_y + of_y] += W[of_W] * x[n * n_x + of_x];
    });
}
template <class Kind>
void convolve_backward_input(const Kind& c, std::size_t samples, const Scalar* W, const Scalar* dy,
                             Scalar* dx) {
  const std::size_t n_x = c.windows.inputs() * c.channels, n_y = outputs(c);
  for (std::size_t i = 0; i < samples * n_x; ++i) dx[i] = 0;
  for (std::size_t n = 0; n < samples; ++n)
    each_product(c, [&](std::size_t of_x, std::size_t of_W, std::size_t of_y) {
      dx[n * n_x + of_x] += W[of_W] * dy[n * n_y + of_y];
    });
}
template <class Kind>
void convolve_backward_filters(const Kind& c, std::size_t samples, const Scalar* x,
                               const Scalar* dy, Scalar* dW) {
  const std::size_t n_x = c.windows.inputs() * c.channels, n_y = outputs(c);
  for (std::size_t n = 0; n < samples; ++n)
    each_product(c, [&](std::size_t of_x, std::size_t of_W, std::size_t of_y) {
      dW[of_W] += x[n * n_x + of_x] * dy[n * n_y + of_y];
    });
}

/// body(of x, of y, tap) for all numbers under all windows.
template <class Body>
void each_number(const Windows& windows, const Planes& planes, const Body& body) {
  for (std::size_t p = 0; p < planes.outer; ++p)
    each_sight(windows, [&](std::size_t position, std::size_t tap, std::size_t place) {
      for (std::size_t f = 0; f < planes.inner; ++f)
        body((p * windows.inputs() + place) * planes.inner + f,
             (p * windows.positions() + position) * planes.inner + f, tap);
    });
}

inline void max_pool(const Windows& windows, const Planes& planes, const Scalar* x, Scalar* y,
                     Scalar* at) {
  const std::size_t n = planes.outer * windows.positions() * planes.inner;
  for (std::size_t i = 0; i < n; ++i) {
    y[i] = -std::numeric_limits<Scalar>::infinity();
    at[i] = -1;
  }
  each_number(windows, planes, [&](std::size_t of_x, std::size_t of_y, std::size_t tap) {
    if (!(x[of_x] > y[of_y]) && x[of_x] == x[of_x]) return;
    y[of_y] = x[of_x];
    at[of_y] = static_cast<Scalar>(tap);
  });
}
inline void max_pool_backward(const Windows& windows, const Planes& planes, const Scalar* at,
                              const Scalar* dy, Scalar* dx) {
  for (std::size_t i = 0; i < planes.outer * windows.inputs() * planes.inner; ++i) dx[i] = 0;
  each_number(windows, planes, [&](std::size_t of_x, std::size_t of_y, std::size_t tap) {
    if (at[of_y] == static_cast<Scalar>(tap)) dx[of_x] += dy[of_y];
  });
}
/// counts[...] = the numbers of the picture under the window.
inline void count_under(const Windows& windows, const Planes& planes, Scalar* counts) {
  for (std::size_t i = 0; i < planes.outer * windows.positions() * planes.inner; ++i) counts[i] = 0;
  each_number(windows, planes,
              [&](std::size_t, std::size_t of_y, std::size_t) { counts[of_y] += 1; });
}

}  // namespace cornu::kernels::reference
