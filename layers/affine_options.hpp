#pragma once

// Not a public header: what the layers with weights W and b have in common.

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// Visits those options of such a layer that come after its own, in Keras's order.
template <class Options>
void describe_affine(Fields& fields, Options& options, const char* weights_help,
                     const char* bias_help = "whether there is a b") {
  fields.argument("weights", options.weights, weights_help);
  fields.field("W_regularizer", options.W_regularizer, "penalty on W");
  fields.field("b_regularizer", options.b_regularizer, "penalty on b");
  fields.field("activity_regularizer", options.activity_regularizer, "penalty on the output");
  fields.field("W_constraint", options.W_constraint, "constraint on W");
  fields.field("b_constraint", options.b_constraint, "constraint on b");
  fields.begin_additions();
  fields.field("bias", options.bias, bias_help);
  fields.end_additions();
  fields.optional("input_dim", options.input_dim, "D, instead of an input_shape");
}

/// Where such a layer keeps its weights.
struct AffineSlots {
  ParameterSlot W, b;
};

/// Declares W, and b where there is a bias.
template <class Options>
void declare_affine(Builder& builder, const Options& options, AffineSlots slots, const Shape& W,
                    const Shape& b) {
  builder.parameter(slots.W, W, options.init, options.W_regularizer, options.W_constraint);
  if (options.bias)
    builder.parameter(slots.b, b, "zero", options.b_regularizer, options.b_constraint);
}

}  // namespace cornu::detail
