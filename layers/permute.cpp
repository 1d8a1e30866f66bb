#include "cornu/layers/permute.hpp"

#include <algorithm>
#include <array>

#include "cornu/core/error.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {

void PermuteOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("dims", dims, Range::closed(1, 7),
               "for each axis of the output the input's, from 1, without the samples' axis");
}

Permute::Permute(PermuteOptions options) : ConfiguredLayer("Permute", std::move(options)) {
  std::vector<int> sorted = options_.dims;
  std::sort(sorted.begin(), sorted.end());
  bool complete = !sorted.empty();
  for (std::size_t i = 0; i < sorted.size(); ++i)
    complete = complete && sorted[i] == static_cast<int>(i) + 1;
  if (!complete)
    throw ConfigError(place(), "expected dims to hold each of 1, 2, ... once",
                      "dims = {2, 1} exchanges two axes; the samples' axis does not count");
}

Traits Permute::traits() const { return {.reads_input = false}; }

Shape Permute::build(const Shape& input, Builder&) const {
  detail::expect_rank(*this, input, options_.dims.size(), "with as many axes as dims has",
                      "the samples' axis does not count");
  std::vector<std::size_t> sizes;
  for (const int axis : options_.dims) sizes.push_back(input[static_cast<std::size_t>(axis) - 1]);
  return Shape(sizes);
}

/// Walks through y in its order and through x by strides: to = from permuted, or, `back`, the other
/// way. The last axis of y is the inner loop.
void Permute::move(ConstView from, View to, bool back) const {
  const Shape& x = back ? to.shape : from.shape;  // (N, ...)
  const Shape& y = back ? from.shape : to.shape;
  const std::size_t rank = y.rank(), last = rank - 1;
  std::array<std::size_t, Shape::max_rank> x_stride{}, stride{}, at{};
  x_stride[rank - 1] = 1;
  for (std::size_t a = rank - 1; a-- > 0;) x_stride[a] = x_stride[a + 1] * x[a + 1];
  stride[0] = x_stride[0];
  for (std::size_t a = 1; a < rank; ++a)
    stride[a] = x_stride[static_cast<std::size_t>(options_.dims[a - 1])];

  std::size_t offset = 0;
  for (std::size_t start = 0; start < y.size(); start += y[last]) {
    for (std::size_t i = 0; i < y[last]; ++i) {
      const std::size_t in_x = offset + i * stride[last], in_y = start + i;
      to.data[back ? in_x : in_y] = from.data[back ? in_y : in_x];
    }
    // On to the next row of y.
    for (std::size_t a = last; a-- > 0;) {
      offset += stride[a];
      if (++at[a] < y[a]) break;
      offset -= stride[a] * y[a];
      at[a] = 0;
    }
  }
}

void Permute::forward(const Forward& run) const { move(run.x(), run.y, false); }

void Permute::backward(const Backward& run) const {
  if (run.dx()) move(run.dy, run.dx(), true);
}

std::vector<LayerExample> Permute::examples() {
  const auto permute = [](std::vector<int> dims) {
    return std::make_shared<Permute>(PermuteOptions{.dims = std::move(dims)});
  };
  return {{permute({2, 1}), {Shape{3, 2}}},
          {permute({3, 1, 2}), {Shape{2, 3, 4}}},
          {permute({1}), {Shape{5}}}};
}

}  // namespace cornu
