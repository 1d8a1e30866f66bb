#include "cornu/layers/highway.hpp"

#include "cornu/kernels/kernels.hpp"
#include "cornu/layers/affine.hpp"
#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {

void HighwayOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("init", init, "how W and W_carry start");
  fields.field("transform_bias", transform_bias, Range::any(), "where b_carry starts");
  fields.field("activation", activation, "applied to x W + b");
  detail::describe_affine(fields, *this, "the values of W, b, W_carry and b_carry to start from",
                          "whether there are b and b_carry");
}

Highway::Highway(HighwayOptions options)
    : ConfiguredLayer("Highway", detail::with_input_dim("Highway", std::move(options))) {}

Traits Highway::traits() const { return {}; }

Shape Highway::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, 1, "(N, D)", "flatten the input first");
  const std::size_t D = input[0];
  options_.activation.function().check(input);
  detail::declare_affine(builder, options_, Shape{D, D}, input);
  builder.parameter("W_carry", Shape{D, D}, options_.init);
  if (options_.bias)
    builder.parameter("b_carry", input, detail::constant_initializer(options_.transform_bias));
  builder.cache(D);                                                     // t
  builder.cache(D);                                                     // a = activation(z)
  builder.cache(options_.activation.function().reads_input() ? D : 0);  // z = x W + b
  builder.workspace(D);                                                 // t; dt, then dz_t
  builder.workspace(D);                                                 // a; da
  builder.workspace(D);                                                 // z; dz
  return input;
}

void Highway::forward(const Forward& run) const {
  const std::size_t carry = options_.bias ? 2 : 1;  // where W_carry stands
  const auto bias = [&](std::size_t i) { return options_.bias ? run.parameters[i] : ConstArray(); };
  const ActivationFunction& activation = options_.activation.function();
  const std::span<const Array> kept = run.training ? run.caches : run.workspaces;
  const View t{kept[0].data(), run.y.shape}, a{kept[1].data(), run.y.shape};
  const View z = activation.reads_input() ? View{kept[2].data(), run.y.shape} : a;

  // t = sigmoid(x W_carry + b_carry)
  detail::affine(run.x(), run.parameters[carry], bias(carry + 1), t);
  kernels::sigmoid(t.data, t.data, t.size());
  // a = activation(x W + b)
  detail::affine(run.x(), run.parameters[0], bias(1), z);
  activation.forward(z, a);
  // y = t a + (1 - t) x
  for (std::size_t i = 0; i < run.y.size(); ++i)
    run.y.data[i] = t.data[i] * a.data[i] + (1 - t.data[i]) * run.x().data[i];
}

void Highway::backward(const Backward& run) const {
  const std::size_t carry = options_.bias ? 2 : 1;
  const auto bias = [&](std::size_t i) { return options_.bias ? run.gradients[i] : Array(); };
  const ActivationFunction& activation = options_.activation.function();
  const ConstView t{run.caches[0].data(), run.dy.shape}, a{run.caches[1].data(), run.dy.shape};
  ConstView z;
  if (activation.reads_input()) z = {run.caches[2].data(), run.dy.shape};
  const View dt{run.workspaces[0].data(), run.dy.shape}, da{run.workspaces[1].data(), run.dy.shape};
  const View dz{run.workspaces[2].data(), run.dy.shape};
  const Scalar *const x = run.x().data, *const dy = run.dy.data;

  // da = dy t,   dt = dy (a - x)
  for (std::size_t i = 0; i < run.dy.size(); ++i) {
    da.data[i] = dy[i] * t.data[i];
    dt.data[i] = dy[i] * (a.data[i] - x[i]);
  }
  // dz = da activation'(z), and dt becomes the gradient before the sigmoid
  activation.backward(z, a, da, dz);
  kernels::sigmoid_backward(t.data, dt.data, dt.data, dt.size());
  // dx = dy (1 - t) + dz Wᵀ + dt W_carryᵀ
  if (run.dx())
    for (std::size_t i = 0; i < run.dy.size(); ++i) run.dx().data[i] = dy[i] * (1 - t.data[i]);
  detail::affine_backward(run.x(), run.parameters[0], dz, run.gradients[0], bias(1), run.dx(),
                          true);
  detail::affine_backward(run.x(), run.parameters[carry], dt, run.gradients[carry], bias(carry + 1),
                          run.dx(), true);
}

std::vector<LayerExample> Highway::examples() {
  const auto example = [](HighwayOptions options) -> LayerExample {
    return {std::make_shared<Highway>(std::move(options)), {Shape{4}}};
  };
  return {example({}), example({.activation = "relu", .bias = false}),
          example({.init = "normal",
                   .transform_bias = 1,
                   .activation = "softmax",
                   .W_regularizer = "l2",
                   .b_regularizer = "l1",
                   .activity_regularizer = "activity_l2",
                   .W_constraint = "maxnorm",
                   .b_constraint = "nonneg",
                   .input_dim = 4})};
}

}  // namespace cornu
