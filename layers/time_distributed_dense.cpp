#include "cornu/layers/time_distributed_dense.hpp"

#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {
namespace {

/// `input_length` and `input_dim`, the short form of the input shape (T, D).
TimeDistributedDenseOptions with_input_shape(TimeDistributedDenseOptions options) {
  const bool given = !options.input_shape.empty() || !options.batch_input_shape.empty();
  if (options.input_dim != 0 && options.input_length != 0 && !given)
    options.input_shape = Shape{options.input_length, options.input_dim};
  return options;
}

}  // namespace

void TimeDistributedDenseOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "M, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to x W + b");
  detail::describe_affine(fields, *this, "the values of W (D, M) and b (M,) to start from");
  fields.optional("input_length", input_length, "T");
}

TimeDistributedDense::TimeDistributedDense(TimeDistributedDenseOptions options)
    : AffineLayer("TimeDistributedDense", with_input_shape(std::move(options)),
                  {.rank = 2,
                   .form = "(N, T, D)",
                   .help = "use Dense for (N, D)",
                   .mask = MaskRule::pass}) {}

std::vector<LayerExample> TimeDistributedDense::examples() {
  const auto example = [](TimeDistributedDenseOptions options) -> LayerExample {
    return {std::make_shared<TimeDistributedDense>(std::move(options)), {Shape{2, 3}}};
  };
  return {example({.output_dim = 4}), example({.output_dim = 3, .activation = "softmax"}),
          example({.output_dim = 2,
                   .activation = "tanh",
                   .W_regularizer = "l2",
                   .activity_regularizer = "activity_l1",
                   .W_constraint = "unitnorm",
                   .bias = false,
                   .input_dim = 3,
                   .input_length = 2})};
}

}  // namespace cornu
