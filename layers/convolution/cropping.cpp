#include "cornu/layers/convolution/cropping.hpp"

#include "cornu/core/error.hpp"
#include "cornu/layers/convolution/box.hpp"

// y = what stands within x;  back: dx = zeros around dy

namespace cornu {
namespace {

void expect_pairs(const Layer& layer, const std::vector<std::array<int, 2>>& pairs,
                  std::size_t axes) {
  if (pairs.size() != axes)
    throw ConfigError(layer.place(), "cropping expects " + std::to_string(axes) +
                                         " pairs of numbers, got " + std::to_string(pairs.size()));
}

detail::Margins of_steps(const std::vector<int>& cropping) {
  const std::array<int, 2> pair{cropping[0], cropping[1]};
  return detail::margins_of(std::span(&pair, 1), true);
}

}  // namespace

void Cropping1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("cropping", cropping, Range::closed(0, 0x3fffffff), "steps to take from both ends");
}

Cropping1D::Cropping1D(Cropping1DOptions options)
    : ConfiguredLayer("Cropping1D", std::move(options)) {
  detail::expect_numbers(*this, "cropping", options_.cropping, 2);
}

Shape Cropping1D::build(const Shape& input, Builder&) const {
  return detail::without_margins(*this, of_steps(options_.cropping), input);
}

void Cropping1D::forward(const Forward& run) const {
  detail::take_inner(of_steps(options_.cropping), run.x(), run.y);
}

void Cropping1D::backward(const Backward& run) const {
  if (run.dx()) detail::put_inner(of_steps(options_.cropping), run.dy, run.dx());
}

std::vector<LayerExample> Cropping1D::examples() {
  return {{std::make_shared<Cropping1D>(), {Shape{3, 2}}},
          {std::make_shared<Cropping1D>(Cropping1DOptions{.cropping = {0, 2}}), {Shape{4, 1}}}};
}

void Cropping2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("cropping", cropping, Range::closed(0, 0x3fffffff), "places to take from the ends");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

Cropping2D::Cropping2D(Cropping2DOptions options)
    : ConfiguredLayer("Cropping2D", std::move(options)) {
  expect_pairs(*this, options_.cropping, 2);
}

Shape Cropping2D::build(const Shape& input, Builder&) const {
  return detail::without_margins(
      *this, detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)),
      input);
}

void Cropping2D::forward(const Forward& run) const {
  detail::take_inner(
      detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)), run.x(),
      run.y);
}

void Cropping2D::backward(const Backward& run) const {
  if (run.dx())
    detail::put_inner(
        detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)), run.dy,
        run.dx());
}

std::vector<LayerExample> Cropping2D::examples() {
  return {{std::make_shared<Cropping2D>(Cropping2DOptions{.cropping = {{1, 0}, {0, 2}}}),
           {Shape{2, 3, 4}}},
          {std::make_shared<Cropping2D>(
               Cropping2DOptions{.cropping = {{1, 0}, {0, 2}}, .dim_ordering = "tf"}),
           {Shape{3, 4, 2}}}};
}

void Cropping3DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("cropping", cropping, Range::closed(0, 0x3fffffff), "places to take from the ends");
  detail::describe_forgotten_ordering(fields, dim_ordering);
}

Cropping3D::Cropping3D(Cropping3DOptions options)
    : ConfiguredLayer("Cropping3D", std::move(options)) {
  expect_pairs(*this, options_.cropping, 3);
}

Shape Cropping3D::build(const Shape& input, Builder&) const {
  return detail::without_margins(
      *this, detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)),
      input);
}

void Cropping3D::forward(const Forward& run) const {
  detail::take_inner(
      detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)), run.x(),
      run.y);
}

void Cropping3D::backward(const Backward& run) const {
  if (run.dx())
    detail::put_inner(
        detail::margins_of(options_.cropping, detail::channels_last(options_.dim_ordering)), run.dy,
        run.dx());
}

std::vector<LayerExample> Cropping3D::examples() {
  return {{std::make_shared<Cropping3D>(Cropping3DOptions{.cropping = {{1, 0}, {0, 0}, {1, 2}}}),
           {Shape{1, 2, 3, 4}}},
          {std::make_shared<Cropping3D>(
               Cropping3DOptions{.cropping = {{1, 0}, {0, 0}, {1, 2}}, .dim_ordering = "tf"}),
           {Shape{2, 1, 5, 2}}}};
}

}  // namespace cornu
