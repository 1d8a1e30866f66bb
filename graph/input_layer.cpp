#include "cornu/graph/input_layer.hpp"

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

InputOptions named(InputOptions options) {
  if (options.name.empty()) options.name = detail::unique_name("input");
  return options;
}

}  // namespace

void InputOptions::describe(Fields& fields) {
  fields.field("name", name, "unique within a model; made up when empty");
  std::size_t samples = batch_input_shape.empty() ? 0 : batch_input_shape.front();
  if (!batch_input_shape.empty()) input_shape = batch_input_shape.without_samples();
  fields.input_shape(input_shape, samples);
  if (samples != 0) batch_input_shape = input_shape.with_samples(samples);
}

InputLayer::InputLayer(InputOptions options)
    : InputLayer(named(options), options.name.empty() ? "input" : "") {}

InputLayer::InputLayer(InputOptions options, const char* made_up_prefix)
    : ConfiguredLayer("InputLayer", std::move(options)) {
  set_made_up_prefix(made_up_prefix);
  if (input_shape().empty())
    throw ConfigError(place(), "expected input_shape or batch_input_shape, got neither",
                      "give the shape of one sample: input({784})");
}

Shape InputLayer::build(std::span<const Shape>, Builder&) const { return input_shape(); }

void InputLayer::forward(const Forward&) const {}

void InputLayer::backward(const Backward&) const {}

}  // namespace cornu
