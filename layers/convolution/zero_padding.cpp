#include "cornu/layers/convolution/zero_padding.hpp"

#include "cornu/layers/convolution/box.hpp"

// y = zeros around x;  back: dx = what stands within dy

namespace cornu {
namespace {

detail::Margins along_steps(std::size_t padding) {
  const int number = static_cast<int>(padding);
  return detail::margins_of(std::span(&number, 1), true);
}

}  // namespace

void ZeroPadding1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("padding", padding, Range::closed(0, 0x3fffffff), "zeros at both ends");
}

ZeroPadding1D::ZeroPadding1D(ZeroPadding1DOptions options)
    : ConfiguredLayer("ZeroPadding1D", std::move(options)) {}

Shape ZeroPadding1D::build(const Shape& input, Builder&) const {
  return detail::with_margins(*this, along_steps(options_.padding), input);
}

void ZeroPadding1D::forward(const Forward& run) const {
  detail::put_inner(along_steps(options_.padding), run.x(), run.y);
}

void ZeroPadding1D::backward(const Backward& run) const {
  if (run.dx()) detail::take_inner(along_steps(options_.padding), run.dy, run.dx());
}

std::vector<LayerExample> ZeroPadding1D::examples() {
  return {{std::make_shared<ZeroPadding1D>(), {Shape{3, 2}}},
          {std::make_shared<ZeroPadding1D>(ZeroPadding1DOptions{.padding = 0}), {Shape{2, 1}}}};
}

void ZeroPadding2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("padding", padding, Range::closed(0, 0x3fffffff), "zeros at both ends of each axis");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

ZeroPadding2D::ZeroPadding2D(ZeroPadding2DOptions options)
    : ConfiguredLayer("ZeroPadding2D", std::move(options)) {
  detail::expect_numbers(*this, "padding", options_.padding, 2);
}

Shape ZeroPadding2D::build(const Shape& input, Builder&) const {
  return detail::with_margins(
      *this, detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)),
      input);
}

void ZeroPadding2D::forward(const Forward& run) const {
  detail::put_inner(
      detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)), run.x(),
      run.y);
}

void ZeroPadding2D::backward(const Backward& run) const {
  if (run.dx())
    detail::take_inner(
        detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)), run.dy,
        run.dx());
}

std::vector<LayerExample> ZeroPadding2D::examples() {
  return {
      {std::make_shared<ZeroPadding2D>(ZeroPadding2DOptions{.padding = {1, 2}}), {Shape{2, 3, 2}}},
      {std::make_shared<ZeroPadding2D>(
           ZeroPadding2DOptions{.padding = {1, 2}, .dim_ordering = "tf"}),
       {Shape{3, 2, 2}}}};
}

void ZeroPadding3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("padding", padding, Range::closed(0, 0x3fffffff), "zeros at both ends of each axis");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

ZeroPadding3D::ZeroPadding3D(ZeroPadding3DOptions options)
    : ConfiguredLayer("ZeroPadding3D", std::move(options)) {
  detail::expect_numbers(*this, "padding", options_.padding, 3);
}

Shape ZeroPadding3D::build(const Shape& input, Builder&) const {
  return detail::with_margins(
      *this, detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)),
      input);
}

void ZeroPadding3D::forward(const Forward& run) const {
  detail::put_inner(
      detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)), run.x(),
      run.y);
}

void ZeroPadding3D::backward(const Backward& run) const {
  if (run.dx())
    detail::take_inner(
        detail::margins_of(options_.padding, detail::channels_last(options_.dim_ordering)), run.dy,
        run.dx());
}

std::vector<LayerExample> ZeroPadding3D::examples() {
  return {{std::make_shared<ZeroPadding3D>(ZeroPadding3DOptions{.padding = {1, 0, 2}}),
           {Shape{1, 2, 3, 2}}},
          {std::make_shared<ZeroPadding3D>(
               ZeroPadding3DOptions{.padding = {1, 0, 2}, .dim_ordering = "tf"}),
           {Shape{2, 1, 3, 2}}}};
}

}  // namespace cornu
