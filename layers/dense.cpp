#include "cornu/layers/dense.hpp"

#include "cornu/core/error.hpp"
#include "cornu/layers/affine.hpp"
#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/fused_activation.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {

void DenseOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "M, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to x W + b");
  detail::describe_affine(fields, *this, "the values of W (D, M) and b (M,) to start from");
}

Dense::Dense(DenseOptions options)
    : ConfiguredLayer("Dense", detail::with_input_dim("Dense", std::move(options))) {}

Traits Dense::traits() const {
  return {.reads_input = true,
          .reads_output = detail::activation_reads_output(options_.activation),
          .assigns = true};
}

Shape Dense::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, 1, "(N, D)",
                      "flatten the input first, or use TimeDistributedDense for (N, T, D)");
  const Shape output{options_.output_dim};
  options_.activation.function().check(output);
  detail::declare_affine(builder, options_, {W, b}, Shape{input[0], options_.output_dim}, output);
  detail::declare_activation(options_.activation, options_.output_dim, builder);
  return output;
}

void Dense::forward(const Forward& run) const {
  // z = x W + b
  const View z = detail::before_activation(options_.activation, run);
  detail::affine(run.x(), run[W], run[b], z);
  // y = activation(z)
  detail::activate(options_.activation, z, run.y);
}

void Dense::backward(const Backward& run) const {
  // dz = dy * activation'(z)
  const ConstView dz = detail::activation_gradient(options_.activation, run);
  // dW += xᵀ dz, db += the sum of dz over the samples, dx = dz Wᵀ
  detail::affine_backward(run.x(), run[W], dz, run.gradient(W), run.gradient(b), run.dx(), false,
                          run.assign_gradients);
}

std::vector<LayerExample> Dense::examples() {
  std::vector<LayerExample> examples;
  for (const char* activation :
       {"linear", "relu", "tanh", "sigmoid", "hard_sigmoid", "softplus", "softsign", "softmax"})
    examples.push_back({std::make_shared<Dense>(DenseOptions{
                            .output_dim = 4, .init = "he_normal", .activation = activation}),
                        {Shape{3}}});
  examples.push_back(
      {std::make_shared<Dense>(DenseOptions{.output_dim = 1, .bias = false}), {Shape{5}}});
  examples.push_back({std::make_shared<Dense>(DenseOptions{.output_dim = 2,
                                                           .activation = "tanh",
                                                           .W_regularizer = "l1l2",
                                                           .b_regularizer = l2(0.1),
                                                           .activity_regularizer = "activity_l2",
                                                           .W_constraint = maxnorm(1.5),
                                                           .b_constraint = "nonneg",
                                                           .input_dim = 3}),
                      {Shape{3}}});
  return examples;
}

}  // namespace cornu
