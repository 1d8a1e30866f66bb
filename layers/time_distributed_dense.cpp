#include "cornu/layers/time_distributed_dense.hpp"

#include "cornu/core/error.hpp"
#include "cornu/layers/affine.hpp"
#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/fused_activation.hpp"
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
    : ConfiguredLayer("TimeDistributedDense", with_input_shape(std::move(options))) {}

Traits TimeDistributedDense::traits() const {
  return {.reads_input = true,
          .reads_output = detail::activation_reads_output(options_.activation),
          .mask = MaskRule::pass};
}

Shape TimeDistributedDense::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, 2, "(N, T, D)", "use Dense for (N, D)");
  const Shape output{input[0], options_.output_dim};
  options_.activation.function().check(output);
  detail::declare_affine(builder, options_, {W, b}, Shape{input[1], options_.output_dim},
                         Shape{options_.output_dim});
  detail::declare_activation(options_.activation, output.size(), builder);
  return output;
}

void TimeDistributedDense::forward(const Forward& run) const {
  // z = x W + b, with samples and steps as one axis
  const View z = detail::before_activation(options_.activation, run);
  detail::affine(run.x(), run[W], run[b], z);
  // y = activation(z)
  detail::activate(options_.activation, z, run.y);
}

void TimeDistributedDense::backward(const Backward& run) const {
  // dz = dy * activation'(z)
  const ConstView dz = detail::activation_gradient(options_.activation, run);
  // dW += xᵀ dz, db += the sum of dz, dx = dz Wᵀ
  detail::affine_backward(run.x(), run[W], dz, run.gradient(W), run.gradient(b), run.dx());
}

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
