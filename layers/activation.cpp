#include "cornu/layers/activation.hpp"

#include "cornu/layers/copy.hpp"

namespace cornu {

void ActivationOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("activation", activation, "f, by name");
}

Activation::Activation(ActivationOptions options)
    : ConfiguredLayer("Activation", std::move(options)) {}

Traits Activation::traits() const {
  const bool reads_input = options_.activation.function().reads_input();
  return {.reads_input = reads_input,
          .reads_output = !options_.activation.is_linear(),
          .in_place = !reads_input,
          .mask = MaskRule::pass,
          .causal = true};
}

Shape Activation::build(const Shape& input, Builder&) const {
  options_.activation.function().check(input);
  return input;
}

void Activation::forward(const Forward& run) const {
  options_.activation.function().forward(run.x(), run.y);
}

void Activation::backward(const Backward& run) const {
  const View dx = run.dx();
  if (!dx) return;
  if (!run.before_activation)
    options_.activation.function().backward(run.x(), run.y, run.dy, dx);
  else
    detail::copy(run.dy, dx);
}

std::vector<LayerExample> Activation::examples() {
  std::vector<LayerExample> examples;
  for (const std::string& name : activation_names()) {
    for (const Shape& input : {Shape{5}, Shape{2, 3}})
      examples.push_back(
          {std::make_shared<Activation>(ActivationOptions{.activation = name}), {input}});
  }
  return examples;
}

}  // namespace cornu
