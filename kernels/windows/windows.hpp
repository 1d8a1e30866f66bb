#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// Windows that move over pictures: convolution, depthwise convolution, pooling, and the way back
/// through each. A naive twin of every function stands in kernels/windows/reference.hpp.
namespace cornu::kernels {

/// A window along one axis of a picture. Its position i covers the places
///
///     i * stride + tap * spread - before      for tap = 0, ..., window - 1
///
/// of which those outside of [0, input) are padding.
struct WindowAxis {
  std::size_t input = 1;   ///< places of the picture
  std::size_t window = 1;  ///< taps of the window
  std::size_t stride = 1;  ///< places from one position to the next
  std::size_t spread = 1;  ///< places from one tap to the next; more than 1: a dilated window
  std::size_t before = 0;  ///< padding before the first place
  std::size_t output = 1;  ///< positions of the window
};

/// A window on a picture of three axes; of fewer, the leading axes are as made above.
struct Windows {
  WindowAxis axes[3];

  std::size_t inputs() const { return axes[0].input * axes[1].input * axes[2].input; }
  std::size_t taps() const { return axes[0].window * axes[1].window * axes[2].window; }
  std::size_t positions() const { return axes[0].output * axes[1].output * axes[2].output; }
};

/// A convolution, as neural networks call it: the cross-correlation. With P the padded picture,
///
///     y[n, f, i] = b[f] + sum over c, t of P[n, c, i * stride + t * spread] * W[f, c, t]
///
/// where i and t run along all three axes. Channels stand first, as written, or last:
///
///     x (N, channels, places),    W (filters, channels, taps), y (N, filters, positions)
///     x (N, places, channels),    W (taps, channels, filters), y (N, positions, filters)
struct Convolution {
  Windows windows;
  std::size_t channels = 1, filters = 1;
  bool channels_last = false;

  /// Numbers in one filter.
  std::size_t terms() const { return windows.taps() * channels; }
};

/// Numbers of memory that the three functions below work in, beside `shared` ones `per_thread` of
/// them for each thread that is to take part. Where there is less, fewer threads take part.
struct ConvolutionScratch {
  std::size_t shared = 0, per_thread = 0;
};
CORNU_API ConvolutionScratch convolution_scratch(const Convolution& convolution);

/// y as above; b (filters) or null.
CORNU_API void convolve(const Convolution& convolution, std::size_t samples, const Scalar* x,
                        const Scalar* W, const Scalar* b, Scalar* y, Scalar* scratch,
                        std::size_t scratch_size);
/// dx[n, c, i * stride + t * spread - before] = the sum over f, i, t of dy[n, f, i] * W[f, c, t].
/// By itself, this is the transposed convolution. b (channels) or null is added to dx.
CORNU_API void convolve_backward_input(const Convolution& convolution, std::size_t samples,
                                       const Scalar* W, const Scalar* dy, const Scalar* b,
                                       Scalar* dx, Scalar* scratch, std::size_t scratch_size);
/// dW[f, c, t] += the sum over n, i of dy[n, f, i] * P[n, c, i * stride + t * spread].
CORNU_API void convolve_backward_filters(const Convolution& convolution, std::size_t samples,
                                         const Scalar* x, const Scalar* dy, Scalar* dW,
                                         Scalar* scratch, std::size_t scratch_size);
/// db[f] += the sum of dy (N, filters, positions), or (N, positions, filters), over all but f.
CORNU_API void add_channel_sums(const Scalar* dy, std::size_t samples, std::size_t positions,
                                std::size_t filters, bool channels_last, Scalar* db);

/// Pictures under windows that look at each channel by itself: (outer, places, inner). With
/// channels first, outer is N * channels and inner 1; with channels last, outer is N and inner the
/// channels.
struct Planes {
  std::size_t outer, inner;
};

/// y (outer, positions, inner) = the largest number under the window, padding excluded, and
/// at = its tap (row-major, the first of several). `at` may be null. NaN is larger than all.
CORNU_API void max_pool(const Windows& windows, const Planes& planes, const Scalar* x, Scalar* y,
                        Scalar* at);
/// dx = the sum of dy over the windows whose largest number stands there.
CORNU_API void max_pool_backward(const Windows& windows, const Planes& planes, const Scalar* at,
                                 const Scalar* dy, Scalar* dx);
/// y = the sum of the numbers under the window; with `mean`, their mean, padding not counted.
CORNU_API void sum_pool(const Windows& windows, const Planes& planes, bool mean, const Scalar* x,
                        Scalar* y);
/// The way back: dx = the sum over the windows that cover the place of dy or, for means, of
/// dy / count. `shares`, memory of dy's size, says that they are means; null for sums.
CORNU_API void sum_pool_backward(const Windows& windows, const Planes& planes, Scalar* shares,
                                 const Scalar* dy, Scalar* dx);

/// A convolution of each channel by itself, with `multiplier` filters for each:
///
///     y[n, c * multiplier + m, i] = sum over t of P[n, c, i * stride + t * spread] * W[m, c, t]
///
/// x (N, channels, places), W (multiplier, channels, taps), y (N, channels * multiplier,
/// positions); with channels last, x (N, places, channels), W (taps, channels, multiplier) and y
/// (N, positions, channels * multiplier).
struct DepthwiseConvolution {
  Windows windows;
  std::size_t channels = 1, multiplier = 1;
  bool channels_last = false;
};
CORNU_API void convolve_depthwise(const DepthwiseConvolution& convolution, std::size_t samples,
                                  const Scalar* x, const Scalar* W, Scalar* y);
CORNU_API void convolve_depthwise_backward_input(const DepthwiseConvolution& convolution,
                                                 std::size_t samples, const Scalar* W,
                                                 const Scalar* dy, Scalar* dx);
/// Adds to dW.
CORNU_API void convolve_depthwise_backward_filters(const DepthwiseConvolution& convolution,
                                                   std::size_t samples, const Scalar* x,
                                                   const Scalar* dy, Scalar* dW);

/// windows (samples, terms) = what the window sees at one position of each sample, without padding:
/// in the order (channel, tap) or, with channels last, (tap, channel). For locally connected
/// layers.
CORNU_API void gather_windows(const Convolution& convolution, std::size_t samples,
                              std::size_t position, const Scalar* x, Scalar* windows);
/// The way back: adds `windows` to the places of dx.
CORNU_API void scatter_windows(const Convolution& convolution, std::size_t samples,
                               std::size_t position, const Scalar* windows, Scalar* dx);

}  // namespace cornu::kernels
