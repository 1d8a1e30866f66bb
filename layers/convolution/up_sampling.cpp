#include "cornu/layers/convolution/up_sampling.hpp"

#include "cornu/layers/convolution/moving_window.hpp"

// y[n, c, i] = x[n, c, i / size];  back: dx[n, c, j] = the sum of dy over the copies of j. These
// are the two directions of a sum over windows that stand side by side, the windows lying on y.

namespace cornu {
namespace {

using detail::MovingWindow;

Shape repeated(const Layer& layer, const MovingWindow& copies, const Shape& input) {
  detail::PictureSizes sizes =
      detail::picture_sizes(layer, copies.axes, copies.channels_last, input);
  for (std::size_t a = 0; a < copies.axes; ++a) {
    std::size_t& places = sizes.places[3 - copies.axes + a];
    if (__builtin_mul_overflow(places, copies.window[a], &places)) places = SIZE_MAX;
  }
  return detail::picture_shape(copies.axes, copies.channels_last, sizes.channels, sizes.places);
}

struct Copies {
  kernels::Windows windows;
  kernels::Planes planes;

  /// Of a whole shape: the smaller one.
  Copies(const MovingWindow& copies, const Shape& small) {
    const std::size_t channels = small[copies.channels_last ? copies.axes + 1 : 1];
    planes = copies.channels_last ? kernels::Planes{small[0], channels}
                                  : kernels::Planes{small[0] * channels, 1};
    for (std::size_t a = 0; a < copies.axes; ++a) {
      const std::size_t places = small[copies.channels_last ? a + 1 : a + 2];
      const std::size_t size = copies.window[a];
      windows.axes[3 - copies.axes + a] = {
          .input = places * size, .window = size, .stride = size, .output = places};
    }
  }
};

void repeat(const MovingWindow& moving, const Forward& run) {
  const Copies copies(moving, run.x().shape);
  kernels::sum_pool_backward(copies.windows, copies.planes, nullptr, run.x().data, run.y.data);
}

void sum_repeated(const MovingWindow& moving, const Backward& run) {
  if (!run.dx()) return;
  const Copies copies(moving, run.dx().shape);
  kernels::sum_pool(copies.windows, copies.planes, false, run.dy.data, run.dx().data);
}

}  // namespace

void UpSampling1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("length", length, detail::size_range, "times that each step is repeated");
}

UpSampling1D::UpSampling1D(UpSampling1DOptions options)
    : ConfiguredLayer("UpSampling1D", std::move(options)) {}

Shape UpSampling1D::build(const Shape& input, Builder&) const {
  return repeated(*this,
                  detail::moving_window({options_.length}, {options_.length}, {1}, "valid", true),
                  input);
}

void UpSampling1D::forward(const Forward& run) const {
  repeat(detail::moving_window({options_.length}, {options_.length}, {1}, "valid", true), run);
}

void UpSampling1D::backward(const Backward& run) const {
  sum_repeated(detail::moving_window({options_.length}, {options_.length}, {1}, "valid", true),
               run);
}

std::vector<LayerExample> UpSampling1D::examples() {
  return {{std::make_shared<UpSampling1D>(), {Shape{3, 2}}},
          {std::make_shared<UpSampling1D>(UpSampling1DOptions{.length = 3}), {Shape{1, 1}}}};
}

void UpSampling2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("size", size, detail::size_range, "times that each place is repeated");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

UpSampling2D::UpSampling2D(UpSampling2DOptions options)
    : ConfiguredLayer("UpSampling2D", std::move(options)) {
  detail::expect_numbers(*this, "size", options_.size, 2);
}

Shape UpSampling2D::build(const Shape& input, Builder&) const {
  return repeated(
      *this,
      detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                            {1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
      input);
}

void UpSampling2D::forward(const Forward& run) const {
  repeat(detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                               {1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
         run);
}

void UpSampling2D::backward(const Backward& run) const {
  sum_repeated(
      detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                            {1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
      run);
}

std::vector<LayerExample> UpSampling2D::examples() {
  return {
      {std::make_shared<UpSampling2D>(UpSampling2DOptions{.size = {2, 3}}), {Shape{2, 3, 2}}},
      {std::make_shared<UpSampling2D>(UpSampling2DOptions{.size = {2, 3}, .dim_ordering = "tf"}),
       {Shape{3, 2, 2}}}};
}

void UpSampling3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("size", size, detail::size_range, "times that each place is repeated");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

UpSampling3D::UpSampling3D(UpSampling3DOptions options)
    : ConfiguredLayer("UpSampling3D", std::move(options)) {
  detail::expect_numbers(*this, "size", options_.size, 3);
}

Shape UpSampling3D::build(const Shape& input, Builder&) const {
  return repeated(
      *this,
      detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                            {1, 1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
      input);
}

void UpSampling3D::forward(const Forward& run) const {
  repeat(detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                               {1, 1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
         run);
}

void UpSampling3D::backward(const Backward& run) const {
  sum_repeated(
      detail::moving_window(detail::to_sizes(options_.size), detail::to_sizes(options_.size),
                            {1, 1, 1}, "valid", detail::channels_last(options_.dim_ordering)),
      run);
}

std::vector<LayerExample> UpSampling3D::examples() {
  return {
      {std::make_shared<UpSampling3D>(UpSampling3DOptions{.size = {2, 1, 3}}), {Shape{1, 2, 3, 2}}},
      {std::make_shared<UpSampling3D>(UpSampling3DOptions{.size = {2, 1, 3}, .dim_ordering = "tf"}),
       {Shape{2, 1, 3, 2}}}};
}

}  // namespace cornu
