#include "cornu/layers/convolution/convolution_layer.hpp"

#include <algorithm>

#include "cornu/core/threads.hpp"
#include "cornu/layers/convolution/filter_order.hpp"
#include "cornu/layers/fused_activation.hpp"

// With P the padded input and i the positions, t the taps of the window along all axes, stride s
// and spread d:
//
//     z[n, f, i] = b[f] + Σ_c Σ_t W[f, c, t] P[n, c, i s + t d],     y = activation(z)
//
// and back
//
//     dz = dy · activation'(z)
//     dW[f, c, t]       += Σ_n Σ_i dz[n, f, i] P[n, c, i s + t d]
//     db[f]             += Σ_n Σ_i dz[n, f, i]
//     dP[n, c, i s + t d] = Σ_f Σ_{i, t} dz[n, f, i] W[f, c, t],     dx = dP without the padding

namespace cornu::detail {
namespace {

using Slots = ConvolutionSlots;

/// (F, C, taps...), with channels last (taps..., C, F), of one axis (F, C, taps, 1).
Shape weights_shape(const Filters& filters, std::size_t channels) {
  const auto& window = filters.moving.window;
  const std::size_t axes = filters.moving.axes, F = filters.count;
  if (filters.first_of_one_axis) return Shape{F, channels, window[0], 1};
  std::array<std::size_t, 5> sizes{};
  std::copy_n(window.begin(), axes, sizes.begin() + (filters.moving.channels_last ? 0 : 2));
  sizes[filters.moving.channels_last ? axes : 1] = channels;
  sizes[filters.moving.channels_last ? axes + 1 : 0] = F;
  return Shape(std::span<const std::size_t>(sizes.data(), axes + 2));
}

/// (F, C, taps) as (taps, C, F)
AxisOrder turned(const kernels::Convolution& convolution) {
  const std::size_t T = convolution.windows.taps(), C = convolution.channels;
  return {{T, C, convolution.filters}, {1, T, C * T}};
}

}  // namespace

kernels::Convolution convolution_on(const Layer& layer, const Filters& filters,
                                    const Shape& input) {
  const PictureSizes sizes =
      picture_sizes(layer, filters.moving.axes, filters.moving.channels_last, input);
  return {windows_on(layer, filters.moving, sizes), sizes.channels, filters.count,
          filters.moving.channels_last};
}

Initializer filter_initializer(const Initializer& init, const kernels::Convolution& convolution) {
  if (!convolution.channels_last) return init;
  const AxisOrder order = turned(convolution);
  return placed_initializer(
      init, Shape{order.sizes[2], order.sizes[1], order.sizes[0], 1},
      [order](ConstArray from, Array to) { reorder(order, from.data(), to.data()); });
}

std::size_t scratch_size(const kernels::Convolution& convolution) {
  const auto [shared, per_thread] = kernels::convolution_scratch(convolution);
  return shared + num_threads() * per_thread;
}

Traits convolution_traits(const ActivationName& activation) {
  return {.reads_input = true, .reads_output = activation_reads_output(activation)};
}

Shape build_convolution(const Layer& layer, const Filters& filters, const FilterWeights& weights,
                        const Shape& input, Builder& builder) {
  const kernels::Convolution convolution = convolution_on(layer, filters, input);
  const Shape output = picture_shape(filters.moving.axes, filters.moving.channels_last,
                                     filters.count, positions_of(convolution.windows));
  weights.activation.function().check(output);
  const Shape W = weights_shape(filters, convolution.channels);
  builder.parameter(
      Slots::W, W,
      filters.first_of_one_axis ? weights.init : filter_initializer(weights.init, convolution),
      weights.W_regularizer, weights.W_constraint);
  if (weights.bias)
    builder.parameter(Slots::b, Shape{filters.count}, "zero", weights.b_regularizer,
                      weights.b_constraint);
  declare_activation(weights.activation, output.size(), builder, {Slots::z, Slots::dz});
  builder.workspace(Slots::scratch, 0, scratch_size(convolution));
  if (filters.first_of_one_axis) builder.workspace(Slots::turned, 0, W.size());
  return output;
}

void convolution_forward(const Layer& layer, const Filters& filters,
                         const ActivationName& activation, const Forward& run) {
  const kernels::Convolution convolution =
      convolution_on(layer, filters, run.x().shape.without_samples());
  const Scalar* W = run[Slots::W].data();
  if (filters.first_of_one_axis) {
    reorder(turned(convolution), W, run[Slots::turned].data());
    W = run[Slots::turned].data();
  }
  const View z = before_activation(activation, run, {Slots::z, Slots::dz});
  const Array scratch = run[Slots::scratch];
  kernels::convolve(convolution, run.y.shape.front(), run.x().data, W, run[Slots::b].data(), z.data,
                    scratch.data(), scratch.size());
  activate(activation, z, run.y);
}

void convolution_backward(const Layer& layer, const Filters& filters,
                          const ActivationName& activation, const Backward& run) {
  const kernels::Convolution convolution =
      convolution_on(layer, filters, run.x().shape.without_samples());
  const std::size_t samples = run.dy.shape.front();
  const Array scratch = run[Slots::scratch], turned_W = run[Slots::turned];
  const Array dW = run.gradient(Slots::W), db = run.gradient(Slots::b);
  const ConstView dz = activation_gradient(activation, run, {Slots::z, Slots::dz});
  if (!dW.empty()) {
    const bool turns = filters.first_of_one_axis;
    Scalar* const into = turns ? turned_W.data() : dW.data();
    if (turns) std::fill(turned_W.begin(), turned_W.end(), Scalar{0});
    kernels::convolve_backward_filters(convolution, samples, run.x().data, dz.data, into,
                                       scratch.data(), scratch.size());
    if (turns) add_reordered(turned(convolution), into, dW.data());
  }
  if (!db.empty())
    kernels::add_channel_sums(dz.data, samples, convolution.windows.positions(),
                              convolution.filters, convolution.channels_last, db.data());
  if (run.dx()) {
    const Scalar* W = run[Slots::W].data();
    if (filters.first_of_one_axis) {
      reorder(turned(convolution), W, turned_W.data());
      W = turned_W.data();
    }
    kernels::convolve_backward_input(convolution, samples, W, dz.data, nullptr, run.dx().data,
                                     scratch.data(), scratch.size());
  }
}

double convolution_multiplications(const Layer& layer, const Filters& filters, const Shape& input) {
  const kernels::Convolution convolution = convolution_on(layer, filters, input);
  return static_cast<double>(convolution.windows.positions()) *
         static_cast<double>(convolution.terms()) * static_cast<double>(convolution.filters);
}

}  // namespace cornu::detail
