#include "cornu/core/parallel.hpp"
#include "cornu/kernels/windows/table.hpp"

// Planes, and samples, share nothing: threads take some each.

namespace cornu::kernels {
namespace {

using windows::table;

/// Numbers that are worth a second thread: some 10 microseconds.
constexpr std::size_t least_numbers = 32768;

/// body(i) for all i < count, of `work` numbers altogether.
template <class Body>
void share(std::size_t count, std::size_t work, const Body& body) {
  const std::size_t parts = cornu::detail::parts_of(work, least_numbers);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] = cornu::detail::share_of(count, 1, part, parts);
    for (std::size_t i = first; i < last; ++i) body(i);
  });
}

/// What a pass over all taps of all positions, or all places, costs.
std::size_t work(const Windows& windows, std::size_t planes) {
  const std::size_t seen = windows.positions() * windows.taps();
  return planes * (seen > windows.inputs() ? seen : windows.inputs());
}

}  // namespace

void max_pool(const Windows& windows, const Planes& planes, const Scalar* x, Scalar* y,
              Scalar* at) {
  const std::size_t inputs = windows.inputs() * planes.inner;
  const std::size_t outputs = windows.positions() * planes.inner;
  share(planes.outer, work(windows, planes.outer * planes.inner), [&](std::size_t p) {
    table().max_pool(windows, planes.inner, x + p * inputs, y + p * outputs,
                     at ? at + p * outputs : nullptr);
  });
}

void max_pool_backward(const Windows& windows, const Planes& planes, const Scalar* at,
                       const Scalar* dy, Scalar* dx) {
  const std::size_t inputs = windows.inputs() * planes.inner;
  const std::size_t outputs = windows.positions() * planes.inner;
  share(planes.outer, work(windows, planes.outer * planes.inner), [&](std::size_t p) {
    table().max_pool_backward(windows, planes.inner, at + p * outputs, dy + p * outputs,
                              dx + p * inputs);
  });
}

void sum_pool(const Windows& windows, const Planes& planes, bool mean, const Scalar* x, Scalar* y) {
  const std::size_t inputs = windows.inputs() * planes.inner;
  const std::size_t outputs = windows.positions() * planes.inner;
  share(planes.outer, work(windows, planes.outer * planes.inner), [&](std::size_t p) {
    table().sum_pool(windows, planes.inner, mean, x + p * inputs, y + p * outputs);
  });
}

void sum_pool_backward(const Windows& windows, const Planes& planes, Scalar* shares,
                       const Scalar* dy, Scalar* dx) {
  const std::size_t inputs = windows.inputs() * planes.inner;
  const std::size_t outputs = windows.positions() * planes.inner;
  share(planes.outer, work(windows, planes.outer * planes.inner), [&](std::size_t p) {
    table().sum_pool_backward(windows, planes.inner, shares ? shares + p * outputs : nullptr,
                              dy + p * outputs, dx + p * inputs);
  });
}

void convolve_depthwise(const DepthwiseConvolution& c, std::size_t samples, const Scalar* x,
                        const Scalar* W, Scalar* y) {
  const std::size_t inputs = c.windows.inputs() * c.channels;
  const std::size_t outputs = c.windows.positions() * c.channels * c.multiplier;
  share(samples, work(c.windows, samples * c.channels * c.multiplier),
        [&](std::size_t n) { table().depthwise(c, x + n * inputs, W, y + n * outputs); });
}

void convolve_depthwise_backward_input(const DepthwiseConvolution& c, std::size_t samples,
                                       const Scalar* W, const Scalar* dy, Scalar* dx) {
  const std::size_t inputs = c.windows.inputs() * c.channels;
  const std::size_t outputs = c.windows.positions() * c.channels * c.multiplier;
  share(samples, work(c.windows, samples * c.channels * c.multiplier), [&](std::size_t n) {
    table().depthwise_backward_input(c, W, dy + n * outputs, dx + n * inputs);
  });
}

void convolve_depthwise_backward_filters(const DepthwiseConvolution& c, std::size_t samples,
                                         const Scalar* x, const Scalar* dy, Scalar* dW) {
  const std::size_t inputs = c.windows.inputs() * c.channels;
  const std::size_t outputs = c.windows.positions() * c.channels * c.multiplier;
  for (std::size_t n = 0; n < samples; ++n)
    table().depthwise_backward_filters(c, x + n * inputs, dy + n * outputs, dW);
}

}  // namespace cornu::kernels
