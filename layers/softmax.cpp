#include "cornu/layers/softmax.hpp"

#include "cornu/kernels/rows/rows.hpp"
#include "cornu/layers/rows_along.hpp"

namespace cornu {

void SoftmaxOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("axis", axis, Range::any(), "what the sum runs over; the samples' axis is 0");
}

Softmax::Softmax(SoftmaxOptions options) : ConfiguredLayer("Softmax", std::move(options)) {}

Traits Softmax::traits() const {
  return {.reads_input = false, .reads_output = true, .in_place = true, .mask = MaskRule::pass};
}

Shape Softmax::build(const Shape& input, Builder& builder) const {
  detail::sample_axes(options_.axis, input, place());
  if (!detail::RowsAlong(options_.axis, input.with_samples(1)).in_place()) {
    builder.workspace(Slots::rows, input.size());
    builder.workspace(Slots::gradient_rows, input.size());
  }
  return input;
}

void Softmax::forward(const Forward& run) const {
  const detail::RowsAlong along(options_.axis, run.y.shape);
  if (along.in_place())
    return kernels::softmax(run.x().data, run.y.data, along.rows(), along.columns());
  Scalar* const rows = run[Slots::rows].data();
  along.gather(run.x().data, rows);
  kernels::softmax(rows, rows, along.rows(), along.columns());
  along.scatter(rows, run.y.data);
}

void Softmax::backward(const Backward& run) const {
  Scalar* const dx = run.dx().data;
  if (!dx) return;
  const detail::RowsAlong along(options_.axis, run.dy.shape);
  if (along.in_place())
    return kernels::softmax_backward(run.y.data, run.dy.data, dx, along.rows(), along.columns());
  Scalar *const y = run[Slots::rows].data(), *const dy = run[Slots::gradient_rows].data();
  along.gather(run.y.data, y);
  along.gather(run.dy.data, dy);
  kernels::softmax_backward(y, dy, dy, along.rows(), along.columns());
  along.scatter(dy, dx);
}

std::vector<LayerExample> Softmax::examples() {
  const auto example = [](SoftmaxOptions options, Shape input) -> LayerExample {
    return {std::make_shared<Softmax>(std::move(options)), {std::move(input)}};
  };
  return {example({}, {4}), example({.axis = 1}, {3, 2}), example({.axis = {2, 3}}, {2, 3, 2}),
          example({.axis = {1, -1}}, {2, 3, 2})};
}

}  // namespace cornu
