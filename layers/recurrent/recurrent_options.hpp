#pragma once

// Not a public header: what the options of recurrent layers have in common.

#include "cornu/core/error.hpp"
#include "cornu/layers/input_dim.hpp"
#include "cornu/layers/recurrent/recurrence.hpp"

namespace cornu::detail {

/// Visits the options of Keras's Recurrent, the first in a config.
template <class Options>
void describe_recurrent(Fields& fields, Options& options) {
  describe_layer(fields, options);
  fields.field("return_sequences", options.return_sequences,
               "y of every step (N, T, H) instead of the last one's (N, H)");
  fields.field("go_backwards", options.go_backwards,
               "the last step first; outputs stay in the order of processing");
  fields.field("stateful", options.stateful,
               "a batch goes on where the last one ended; needs a batch_input_shape");
  fields.field("unroll", options.unroll, "accepted; no effect");
  fields.field("consume_less", options.consume_less, {"cpu", "mem", "gpu"},
               "gpu: the matrices of all gates are one; else no effect");
  fields.begin_additions();
  fields.optional("input_dim", options.input_dim, "D, instead of an input_shape");
  fields.optional("input_length", options.input_length, "T, beside input_dim; any when not given");
  fields.end_additions();
}

/// Visits the options that come after the activations.
template <class Options>
void describe_recurrent_weights(Fields& fields, Options& options, const char* weights_help) {
  fields.field("W_regularizer", options.W_regularizer, "penalty on W, all gates together");
  fields.field("U_regularizer", options.U_regularizer, "penalty on U");
  fields.field("b_regularizer", options.b_regularizer, "penalty on b");
  fields.field("dropout_W", options.dropout_W, Range::half_open(0, 1),
               "the probability of a number of x to be dropped, in all steps of a sample alike");
  fields.field("dropout_U", options.dropout_U, Range::half_open(0, 1),
               "the same of the state on its way to the next step");
  fields.argument("weights", options.weights, weights_help);
  fields.begin_additions();
  fields.field("bias", options.bias, "whether there is a b");
  fields.end_additions();
}

/// Resolves `input_dim` and `input_length` to the input shape (T, D); T is open when not given.
template <class Options>
Options with_sequence_shape(const char* class_name, Options options) {
  if (options.input_dim == 0) {
    if (options.input_length != 0 && options.input_shape.empty() &&
        options.batch_input_shape.empty())
      throw ConfigError(class_name, "expected an input_dim beside input_length, got none",
                        "give the shape of a sample: .input_shape = {T, D}");
    return options;
  }
  if (options.input_shape.empty() && options.batch_input_shape.empty()) {
    options.input_shape =
        Shape{options.input_length == 0 ? Shape::any : options.input_length, options.input_dim};
    return options;
  }
  return with_input_dim(class_name, std::move(options));
}

/// Throws ShapeError for an input that is not (T, D), or a D that is not known.
template <class Options>
void check_sequence(const Layer& layer, const Options& options, const Shape& input) {
  expect_rank(layer, input, 2, "(N, T, D)",
              "a recurrent layer reads steps of D numbers: reshape the input, or put an Embedding "
              "before it");
  if (options.output_dim == 0)
    throw ConfigError(layer.place(), "expected an output_dim of at least 1, got 0");
  if (input[1] == Shape::any)
    throw ShapeError(
        layer.place(),
        "expected a known number D of numbers a step, got " + input.to_string_with_samples(),
        "only the time axis may be open: .input_shape = {Shape::any, D}");
  const Shape units{options.output_dim};
  options.activation.function().check(units);
}

/// Declares W, U and b of each gate, or of all gates side by side; `order`: that of Keras's lists.
template <class Options, class BiasInit>
void declare_gates(Builder& builder, const Options& options, const RecurrentRules& rules,
                   std::span<const std::size_t> order, std::size_t D, const BiasInit& bias_init) {
  const std::size_t H = rules.units, G = rules.gates.size();
  const auto declare = [&](const GateSlots& slots, std::size_t columns, const Initializer& b) {
    builder.parameter(slots.W, Shape{D, columns}, options.init, options.W_regularizer);
    builder.parameter(slots.U, Shape{H, columns}, options.inner_init, options.U_regularizer);
    if (rules.bias) builder.parameter(slots.b, Shape{columns}, b, options.b_regularizer);
    if (rules.recurrent_bias)
      builder.parameter(slots.c, Shape{columns}, "zero", options.b_regularizer);
  };
  if (rules.side_by_side)
    declare(rules.together, G * H, bias_init(G));
  else
    for (const std::size_t gate : order) declare(rules.gates[gate], H, bias_init(gate));
}

/// Fills in what the layers' options have in common.
template <class Options>
RecurrentRules recurrent_rules(const Options& options, std::span<const GateSlots> gates,
                               const GateSlots& together) {
  return {.units = options.output_dim,
          .gates = gates,
          .together = together,
          .side_by_side = options.consume_less == "gpu" && gates.size() > 1,
          .bias = options.bias,
          .return_sequences = options.return_sequences,
          .go_backwards = options.go_backwards,
          .stateful = options.stateful,
          .dropout_W = options.dropout_W,
          .dropout_U = options.dropout_U};
}

inline Traits recurrent_traits(const RecurrentRules& rules) {
  const bool drops = rules.dropout_W > 0 || rules.dropout_U > 0;
  return {.reads_input = false,
          .random = drops,
          .training_differs = drops,
          .mask = rules.return_sequences ? MaskRule::read : MaskRule::drop,
          .causal = !rules.go_backwards};
}

}  // namespace cornu::detail
