#include "cornu/layers/dense.hpp"

#include "cornu/layers/affine_options.hpp"
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
    : AffineLayer("Dense", detail::with_input_dim("Dense", std::move(options)),
                  {.rank = 1,
                   .form = "(N, D)",
                   .help = "flatten the input first, or use TimeDistributedDense for (N, T, D)",
                   .mask = MaskRule::refuse}) {}

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
