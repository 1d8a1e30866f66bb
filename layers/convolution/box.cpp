#include "cornu/layers/convolution/box.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"

namespace cornu::detail {
namespace {

/// The picture, as its margins lie: (outer, places of three axes, inner).
struct BoxPlaces {
  std::size_t outer, inner;
  std::array<std::size_t, 3> counts;
};
BoxPlaces box_places(const Margins& margins, const Shape& whole) {
  BoxPlaces places{whole.front(), 1, {1, 1, 1}};
  (margins.channels_last ? places.inner : places.outer) *=
      whole[margins.channels_last ? margins.axes + 1 : 1];
  for (std::size_t a = 0; a < margins.axes; ++a)
    places.counts[3 - margins.axes + a] = whole[margins.channels_last ? a + 1 : a + 2];
  return places;
}

/// body(of the inner picture, of the outer one, count) for each row of the inner picture.
template <class Body>
void each_inner_row(const Margins& margins, const Shape& inner_shape, const Shape& outer_shape,
                    const Body& body) {
  const BoxPlaces in = box_places(margins, inner_shape), out = box_places(margins, outer_shape);
  const auto before = [&](std::size_t axis) {
    const std::size_t skipped = 3 - margins.axes;
    return axis < skipped ? std::size_t{0} : margins.places[axis - skipped][0];
  };
  const std::size_t count = in.counts[2] * in.inner;
  std::size_t at = 0;
  for (std::size_t o = 0; o < in.outer; ++o)
    for (std::size_t i = 0; i < in.counts[0]; ++i)
      for (std::size_t j = 0; j < in.counts[1]; ++j, at += count)
        body(
            at,
            (((o * out.counts[0] + i + before(0)) * out.counts[1] + j + before(1)) * out.counts[2] +
             before(2)) *
                out.inner,
            count);
}

}  // namespace

Margins margins_of(std::span<const int> numbers, bool channels_last) {
  std::array<std::array<int, 2>, 3> pairs{};
  const std::size_t axes = std::min(numbers.size(), pairs.size());
  for (std::size_t a = 0; a < axes; ++a) pairs[a] = {numbers[a], numbers[a]};
  return margins_of(std::span<const std::array<int, 2>>(pairs).first(axes), channels_last);
}

Margins margins_of(std::span<const std::array<int, 2>> pairs, bool channels_last) {
  Margins margins{pairs.size(), {}, channels_last};
  for (std::size_t a = 0; a < std::min<std::size_t>(pairs.size(), 3); ++a)
    margins.places[a] = {static_cast<std::size_t>(pairs[a][0]),
                         static_cast<std::size_t>(pairs[a][1])};
  return margins;
}

Shape with_margins(const Layer& layer, const Margins& margins, const Shape& inner) {
  PictureSizes sizes = picture_sizes(layer, margins.axes, margins.channels_last, inner);
  for (std::size_t a = 0; a < margins.axes; ++a)
    sizes.places[3 - margins.axes + a] += margins.places[a][0] + margins.places[a][1];
  return picture_shape(margins.axes, margins.channels_last, sizes.channels, sizes.places);
}

Shape without_margins(const Layer& layer, const Margins& margins, const Shape& outer) {
  PictureSizes sizes = picture_sizes(layer, margins.axes, margins.channels_last, outer);
  for (std::size_t a = 0; a < margins.axes; ++a) {
    std::size_t& places = sizes.places[3 - margins.axes + a];
    const std::size_t taken = margins.places[a][0] + margins.places[a][1];
    if (taken >= places)
      throw ShapeError(layer.place(), "expected an input larger than the " + std::to_string(taken) +
                                          " places that cropping takes along axis " +
                                          std::to_string(a) + " of the places, got " +
                                          outer.to_string_with_samples());
    places -= taken;
  }
  return picture_shape(margins.axes, margins.channels_last, sizes.channels, sizes.places);
}

void put_inner(const Margins& margins, ConstView inner, View outer) {
  std::fill_n(outer.data, outer.size(), Scalar{0});
  each_inner_row(margins, inner.shape, outer.shape,
                 [&](std::size_t in, std::size_t out, std::size_t count) {
                   std::copy_n(inner.data + in, count, outer.data + out);
                 });
}

void take_inner(const Margins& margins, ConstView outer, View inner) {
  each_inner_row(margins, inner.shape, outer.shape,
                 [&](std::size_t in, std::size_t out, std::size_t count) {
                   std::copy_n(outer.data + out, count, inner.data + in);
                 });
}

}  // namespace cornu::detail
