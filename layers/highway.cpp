#include "cornu/layers/highway.hpp"

#include "cornu/kernels/elementwise/elementwise.hpp"
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
  detail::declare_affine(builder, options_, {W, b}, Shape{D, D}, input);
  builder.parameter(W_carry, Shape{D, D}, options_.init);
  if (options_.bias)
    builder.parameter(b_carry, input, detail::constant_initializer(options_.transform_bias));
  builder.cache(Slots::t, D, 0, Kept::always);
  builder.cache(Slots::a, D, 0, Kept::always);
  if (options_.activation.function().reads_input()) builder.cache(Slots::z, D, 0, Kept::always);
  for (const WorkspaceSlot gradient : {Slots::dt, Slots::da, Slots::dz})
    builder.workspace(gradient, D);
  return input;
}

void Highway::forward(const Forward& run) const {
  const ActivationFunction& activation = options_.activation.function();
  const auto view = [&run](Array array) { return View{array.data(), run.y.shape}; };
  const View t = view(run[Slots::t]), a = view(run[Slots::a]);
  const View z = activation.reads_input() ? view(run[Slots::z]) : a;

  // t = sigmoid(x W_carry + b_carry)
  detail::affine(run.x(), run[W_carry], run[b_carry], t);
  kernels::sigmoid(t.data, t.data, t.size());
  // a = activation(z), z = x W + b
  detail::affine(run.x(), run[W], run[b], z);
  activation.forward(z, a);
  // y = t a + (1 - t) x
  for (std::size_t i = 0; i < run.y.size(); ++i)
    run.y.data[i] = t.data[i] * a.data[i] + (1 - t.data[i]) * run.x().data[i];
}

void Highway::backward(const Backward& run) const {
  const ActivationFunction& activation = options_.activation.function();
  const auto view = [&run](Array array) { return View{array.data(), run.dy.shape}; };
  const View t = view(run[Slots::t]), a = view(run[Slots::a]);
  const View dt = view(run[Slots::dt]), da = view(run[Slots::da]), dz = view(run[Slots::dz]);
  const Scalar *const x = run.x().data, *const dy = run.dy.data;

  // da = dy t,   dt = dy (a - x)
  for (std::size_t i = 0; i < run.dy.size(); ++i) {
    da.data[i] = dy[i] * t.data[i];
    dt.data[i] = dy[i] * (a.data[i] - x[i]);
  }
  // dz = da activation'(z), and dt becomes the gradient before the sigmoid
  activation.backward(view(run[Slots::z]), a, da, dz);
  kernels::sigmoid_backward(t.data, dt.data, dt.data, dt.size());
  // dx = dy (1 - t) + dz Wᵀ + dt W_carryᵀ
  if (run.dx())
    for (std::size_t i = 0; i < run.dy.size(); ++i) run.dx().data[i] = dy[i] * (1 - t.data[i]);
  detail::affine_backward(run.x(), run[W], dz, run.gradient(W), run.gradient(b), run.dx(), true);
  detail::affine_backward(run.x(), run[W_carry], dt, run.gradient(W_carry), run.gradient(b_carry),
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
