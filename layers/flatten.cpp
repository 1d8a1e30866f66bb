#include "cornu/layers/flatten.hpp"

#include "cornu/core/error.hpp"
#include "cornu/layers/copy.hpp"

namespace cornu {

void FlattenOptions::describe(Fields& fields) { describe_layer(fields, *this); }

Flatten::Flatten(FlattenOptions options) : ConfiguredLayer("Flatten", std::move(options)) {}

// The order of the numbers is that of the input already: in place there is nothing to do.
Traits Flatten::traits() const { return {.reads_input = false, .in_place = true}; }

Shape Flatten::build(const Shape& input, Builder&) const {
  if (input.rank() < 2)
    throw ShapeError(place(),
                     "expected an input of at least three axes, (N, a, b, ...), got " +
                         input.to_string_with_samples(),
                     "this input is flat already: leave the Flatten out");
  return Shape{input.size()};
}

void Flatten::forward(const Forward& run) const { detail::copy(run.x(), run.y); }

void Flatten::backward(const Backward& run) const {
  if (run.dx()) detail::copy(run.dy, run.dx());
}

std::vector<LayerExample> Flatten::examples() {
  return {{std::make_shared<Flatten>(), {Shape{2, 3}}},
          {std::make_shared<Flatten>(), {Shape{2, 1, 3}}}};
}

}  // namespace cornu
