#include "cornu/layers/masking.hpp"

#include <algorithm>

#include "cornu/layers/input_dim.hpp"

namespace cornu {
namespace {

/// to[row] = from[row] * mask[row], rows of D numbers.
void multiply_rows(ConstView from, ConstArray mask, View to) {
  const std::size_t D = from.shape.back(), rows = from.shape.rows();
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t j = 0; j < D; ++j)
      to.data[row * D + j] = mask[row] == 0 ? 0 : from.data[row * D + j];
}

}  // namespace

void MaskingOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("mask_value", mask_value, Range::any(), "a step of only this is masked");
}

Masking::Masking(MaskingOptions options) : ConfiguredLayer("Masking", std::move(options)) {}

Traits Masking::traits() const {
  return {.reads_input = false, .in_place = true, .mask = MaskRule::create, .causal = true};
}

Shape Masking::build(const Shape& input, Builder&) const {
  detail::expect_rank(*this, input, 2, "(N, T, D)", "reshape the input to steps of D numbers");
  return input;
}

void Masking::forward(const Forward& run) const {
  const std::size_t D = run.y.shape.back(), rows = run.y.shape.rows();
  const Scalar masked = static_cast<Scalar>(options_.mask_value);
  for (std::size_t row = 0; row < rows; ++row) {
    const Scalar* const x = run.x().data + row * D;
    run.output_mask[row] = std::any_of(x, x + D, [=](Scalar v) { return v != masked; }) ? 1 : 0;
  }
  multiply_rows(run.x(), run.output_mask, run.y);
}

void Masking::backward(const Backward& run) const {
  // dx = dy * mask
  if (run.dx()) multiply_rows(run.dy, run.output_mask, run.dx());
}

std::vector<LayerExample> Masking::examples() {
  return {{std::make_shared<Masking>(), {Shape{2, 3}}},
          {std::make_shared<Masking>(MaskingOptions{.mask_value = -1}), {Shape{3, 1}}}};
}

}  // namespace cornu
