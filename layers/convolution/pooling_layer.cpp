#include "cornu/layers/convolution/pooling_layer.hpp"

#include "cornu/core/error.hpp"

// y[n, c, i] = the largest, or the mean, of x[n, c, i s + t] over the taps t that see a place of
// the picture: padding is never the maximum, and never counts.
//
// back:  max      dx[n, c, i s + t] += dy[n, c, i] for the first tap t that sees the maximum
//        average  dx[n, c, i s + t] += dy[n, c, i] / (places seen from i) for all taps

namespace cornu {

void Pooling1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("stride", stride, detail::size_range, "steps from output to output");
  fields.field("pool_length", pool_length, detail::size_range, "steps under the window");
  detail::describe_border(fields, border_mode);
}

void Pooling2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("pool_size", pool_size, detail::size_range, "rows and columns under the window");
  detail::describe_border(fields, border_mode);
  fields.field("strides", strides, detail::size_range, "places from output to output");
  detail::describe_ordering(fields, dim_ordering);
}

void Pooling3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("pool_size", pool_size, detail::size_range, "places under the window");
  detail::describe_border(fields, border_mode);
  fields.field("strides", strides, detail::size_range, "places from output to output");
  detail::describe_ordering(fields, dim_ordering);
}

namespace detail {
namespace {

constexpr CacheSlot tap_of_maximum{0, "at"};         // the tap that sees the maximum
constexpr WorkspaceSlot share_of_each{0, "shares"};  // dy / count

template <class Options>
Options with_strides(const char* class_name, Options options, std::size_t axes) {
  if (options.strides.empty()) options.strides = options.pool_size;
  for (const auto* numbers : {&options.pool_size, &options.strides})
    if (numbers->size() != axes)
      throw ConfigError(class_name, "expected " + std::to_string(axes) +
                                        " numbers for pool_size and strides, got " +
                                        std::to_string(numbers->size()));
  return options;
}

/// Without the taps that see padding from everywhere, which a large window has: what is left starts
/// at tap `first`, counted in no output.
void leave_out_padding(kernels::Windows& windows) {
  for (kernels::WindowAxis& axis : windows.axes) {
    const std::size_t reached = (axis.output - 1) * axis.stride;
    const std::size_t first = axis.before > reached ? axis.before - reached : 0;
    const std::size_t last = std::min(axis.window, axis.input + axis.before);
    axis.window = last - first;
    axis.before -= first;
  }
}

struct Pooled {
  kernels::Windows windows;
  std::size_t channels;

  kernels::Planes planes(const MovingWindow& moving, std::size_t samples) const {
    return moving.channels_last ? kernels::Planes{samples, channels}
                                : kernels::Planes{samples * channels, 1};
  }
};

Pooled pooled(const Layer& layer, const MovingWindow& moving, const Shape& input) {
  const PictureSizes sizes = picture_sizes(layer, moving.axes, moving.channels_last, input);
  Pooled result{windows_on(layer, moving, sizes), sizes.channels};
  leave_out_padding(result.windows);
  return result;
}

}  // namespace

MovingWindow pool_window(const Pooling1DOptions& o) {
  return moving_window({o.pool_length}, {o.stride}, {1}, o.border_mode, true);
}
MovingWindow pool_window(const Pooling2DOptions& o) {
  return moving_window(to_sizes(o.pool_size), to_sizes(o.strides), {1, 1}, o.border_mode,
                       channels_last(o.dim_ordering));
}
MovingWindow pool_window(const Pooling3DOptions& o) {
  return moving_window(to_sizes(o.pool_size), to_sizes(o.strides), {1, 1, 1}, o.border_mode,
                       channels_last(o.dim_ordering));
}

Pooling1DOptions with_stride(const char*, Pooling1DOptions options) {
  if (options.stride == 0) options.stride = options.pool_length;
  return options;
}
Pooling2DOptions with_stride(const char* class_name, Pooling2DOptions options) {
  return with_strides(class_name, std::move(options), 2);
}
Pooling3DOptions with_stride(const char* class_name, Pooling3DOptions options) {
  return with_strides(class_name, std::move(options), 3);
}

Traits pool_traits() { return {.reads_input = false}; }

Shape build_pool(const Layer& layer, Pool pool, const MovingWindow& moving, const Shape& input,
                 Builder& builder) {
  const Pooled on = pooled(layer, moving, input);
  const Shape output =
      picture_shape(moving.axes, moving.channels_last, on.channels, positions_of(on.windows));
  if (pool == Pool::max)
    builder.cache(tap_of_maximum, output.size());
  else
    builder.workspace(share_of_each, output.size());
  return output;
}

void pool_forward(const Layer& layer, Pool pool, const MovingWindow& moving, const Forward& run) {
  const Pooled on = pooled(layer, moving, run.x().shape.without_samples());
  const kernels::Planes planes = on.planes(moving, run.y.shape.front());
  if (pool == Pool::max)
    kernels::max_pool(on.windows, planes, run.x().data, run.y.data, run[tap_of_maximum].data());
  else
    kernels::sum_pool(on.windows, planes, true, run.x().data, run.y.data);
}

void pool_backward(const Layer& layer, Pool pool, const MovingWindow& moving, const Backward& run) {
  if (!run.dx()) return;
  const Pooled on = pooled(layer, moving, run.dx().shape.without_samples());
  const kernels::Planes planes = on.planes(moving, run.dy.shape.front());
  if (pool == Pool::max)
    kernels::max_pool_backward(on.windows, planes, run[tap_of_maximum].data(), run.dy.data,
                               run.dx().data);
  else
    kernels::sum_pool_backward(on.windows, planes, run[share_of_each].data(), run.dy.data,
                               run.dx().data);
}

}  // namespace detail
}  // namespace cornu
