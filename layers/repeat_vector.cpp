#include "cornu/layers/repeat_vector.hpp"

#include <algorithm>

#include "cornu/kernels/rows/rows.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {

void RepeatVectorOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("n", n, Range::at_least(1), "the number of repetitions");
}

RepeatVector::RepeatVector(RepeatVectorOptions options)
    : ConfiguredLayer("RepeatVector", std::move(options)) {}

Traits RepeatVector::traits() const { return {.reads_input = false}; }

Shape RepeatVector::build(const Shape& input, Builder&) const {
  detail::expect_rank(*this, input, 1, "(N, D)", "flatten the input first");
  return Shape{options_.n, input[0]};
}

void RepeatVector::forward(const Forward& run) const {
  const std::size_t D = run.y.shape.back(), samples = run.y.shape.front();
  for (std::size_t i = 0; i < samples; ++i)
    kernels::fill_rows(run.x().data + i * D, run.y.data + i * options_.n * D, options_.n, D);
}

void RepeatVector::backward(const Backward& run) const {
  if (!run.dx()) return;
  const std::size_t D = run.dy.shape.back(), samples = run.dy.shape.front();
  // dx = the sum of dy over the repetitions
  std::fill_n(run.dx().data, samples * D, Scalar{0});
  for (std::size_t i = 0; i < samples; ++i)
    kernels::add_column_sums(run.dy.data + i * options_.n * D, run.dx().data + i * D, options_.n,
                             D);
}

std::vector<LayerExample> RepeatVector::examples() {
  return {{std::make_shared<RepeatVector>(RepeatVectorOptions{.n = 3}), {Shape{4}}},
          {std::make_shared<RepeatVector>(RepeatVectorOptions{.n = 1}), {Shape{2}}}};
}

}  // namespace cornu
