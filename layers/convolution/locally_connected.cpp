#include "cornu/layers/convolution/locally_connected.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "cornu/layers/fused_activation.hpp"

// At each position p, with S (N, K) what the window sees there of all samples:
//
//     Z = S W[p] + b[p]                         y = activation(z)
// back
//     dW[p] += Sᵀ dZ,  db[p] += Σ_n dZ,  dS = dZ W[p]ᵀ, which adds to dx where S was taken

namespace cornu {

void LocallyConnected1DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range, "F, the number of filters at each step");
  fields.field("filter_length", filter_length, detail::size_range, "the steps that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  fields.field("border_mode", border_mode, {"valid"}, "valid: windows inside of the input only");
  fields.field("subsample_length", subsample_length, detail::size_range,
               "steps from output to output");
  detail::describe_filter_weights(fields, *this);
  fields.optional("input_dim", input_dim, "C, with input_length instead of an input_shape");
  fields.optional("input_length", input_length, "the steps of the input");
}

void LocallyConnected2DOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("nb_filter", nb_filter, detail::size_range,
               "F, the number of filters at each place");
  fields.field("nb_row", nb_row, detail::size_range, "the rows that a filter sees");
  fields.field("nb_col", nb_col, detail::size_range, "the columns that a filter sees");
  fields.field("init", init, "how W starts");
  fields.field("activation", activation, "applied to the sums");
  fields.field("border_mode", border_mode, {"valid"}, "valid: windows inside of the input only");
  fields.field("subsample", subsample, detail::size_range, "places from output to output");
  detail::describe_ordering(fields, dim_ordering);
  detail::describe_filter_weights(fields, *this);
}

LocallyConnected1D::LocallyConnected1D(LocallyConnected1DOptions options)
    : LocallyConnectedLayer("LocallyConnected1D", detail::with_steps(std::move(options))) {}

LocallyConnected2D::LocallyConnected2D(LocallyConnected2DOptions options)
    : LocallyConnectedLayer("LocallyConnected2D", std::move(options)) {
  detail::expect_numbers(*this, "subsample", options_.subsample, 2);
}

detail::Filters LocallyConnected1D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.filter_length}, {o.subsample_length}, {1}, o.border_mode, true),
          o.nb_filter, false};
}

detail::Filters LocallyConnected2D::filters() const {
  const auto& o = options_;
  return {detail::moving_window({o.nb_row, o.nb_col}, detail::to_sizes(o.subsample), {1, 1},
                                o.border_mode, detail::channels_last(o.dim_ordering)),
          o.nb_filter, false};
}

namespace detail {
namespace {

using Slots = ConvolutionSlots;
constexpr WorkspaceSlot window_slot{1, "window"}, sums_slot{2, "sums"};

/// The sizes of one layer, and where its numbers stand.
struct Local {
  kernels::Convolution convolution;
  std::size_t P, K, F;

  Local(const Layer& layer, const Filters& filters, const Shape& input)
      : convolution(convolution_on(layer, filters, input)),
        P(convolution.windows.positions()),
        K(convolution.terms()),
        F(convolution.filters) {}

  /// body(of z (N, ...), of sums (N, F)) for the outputs at position p.
  template <class Body>
  void each_output(std::size_t samples, std::size_t p, const Body& body) const {
    for (std::size_t n = 0; n < samples; ++n)
      for (std::size_t f = 0; f < F; ++f)
        body(convolution.channels_last ? (n * P + p) * F + f : (n * F + f) * P + p, n * F + f);
  }
};

}  // namespace

Shape build_locally_connected(const Layer& layer, const Filters& filters,
                              const FilterWeights& weights, const Shape& input, Builder& builder) {
  const Local local(layer, filters, input);
  const auto positions = positions_of(local.convolution.windows);
  const Shape output =
      picture_shape(filters.moving.axes, filters.moving.channels_last, filters.count, positions);
  weights.activation.function().check(output);
  builder.parameter(Slots::W, Shape{local.P, local.K, local.F}, weights.init, weights.W_regularizer,
                    weights.W_constraint);
  if (weights.bias)
    builder.parameter(Slots::b, picture_shape(filters.moving.axes, true, filters.count, positions),
                      "zero", weights.b_regularizer, weights.b_constraint);
  declare_activation(weights.activation, output.size(), builder, {Slots::z, Slots::dz});
  builder.workspace(window_slot, local.K);
  builder.workspace(sums_slot, local.F);
  return output;
}

void locally_connected_forward(const Layer& layer, const Filters& filters,
                               const ActivationName& activation, const Forward& run) {
  using kernels::Transpose;
  const Local local(layer, filters, run.x().shape.without_samples());
  const auto& [convolution, P, K, F] = local;
  const std::size_t samples = run.y.shape.front();
  const ConstArray W = run[Slots::W], b = run[Slots::b];
  const Array S = run[window_slot], Z = run[sums_slot];
  const View z = before_activation(activation, run, {Slots::z, Slots::dz});
  for (std::size_t p = 0; p < P; ++p) {
    kernels::gather_windows(convolution, samples, p, run.x().data, S.data());
    // Z = S W[p] + b[p]
    const Scalar* const W_p = W.data() + p * K * F;
    if (b.empty())
      kernels::gemm(Transpose::no, Transpose::no, samples, F, K, 1, S.data(), K, W_p, F, 0,
                    Z.data(), F);
    else
      kernels::affine(samples, F, K, S.data(), W_p, b.data() + p * F, Z.data());
    local.each_output(samples, p,
                      [&](std::size_t of_z, std::size_t of_sums) { z.data[of_z] = Z[of_sums]; });
  }
  activate(activation, z, run.y);
}

void locally_connected_backward(const Layer& layer, const Filters& filters,
                                const ActivationName& activation, const Backward& run) {
  using kernels::Transpose;
  const Local local(layer, filters, run.x().shape.without_samples());
  const auto& [convolution, P, K, F] = local;
  const std::size_t samples = run.dy.shape.front();
  const ConstArray W = run[Slots::W];
  const Array dW = run.gradient(Slots::W), db = run.gradient(Slots::b);
  const Array S = run[window_slot], dZ = run[sums_slot];
  const ConstView dz = activation_gradient(activation, run, {Slots::z, Slots::dz});
  if (run.dx()) std::fill_n(run.dx().data, run.dx().size(), Scalar{0});
  for (std::size_t p = 0; p < P; ++p) {
    local.each_output(samples, p,
                      [&](std::size_t of_z, std::size_t of_sums) { dZ[of_sums] = dz.data[of_z]; });
    if (!dW.empty()) {
      // dW[p] += Sᵀ dZ
      kernels::gather_windows(convolution, samples, p, run.x().data, S.data());
      kernels::gemm(Transpose::yes, Transpose::no, K, F, samples, 1, S.data(), K, dZ.data(), F, 1,
                    dW.data() + p * K * F, F);
    }
    // db[p] += Σ_n dZ
    if (!db.empty()) kernels::add_column_sums(dZ.data(), db.data() + p * F, samples, F);
    if (run.dx()) {
      // dS = dZ W[p]ᵀ
      kernels::gemm(Transpose::no, Transpose::yes, samples, K, F, 1, dZ.data(), F,
                    W.data() + p * K * F, F, 0, S.data(), K);
      kernels::scatter_windows(convolution, samples, p, S.data(), run.dx().data);
    }
  }
}

}  // namespace detail

std::vector<LayerExample> LocallyConnected1D::examples() {
  const auto example = [](LocallyConnected1DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<LocallyConnected1D>(std::move(options)), {input}};
  };
  return {
      example({.nb_filter = 2, .filter_length = 3, .activation = "tanh"}, {6, 2}),
      example({.nb_filter = 3, .filter_length = 2, .subsample_length = 3, .bias = false}, {9, 1})};
}

std::vector<LayerExample> LocallyConnected2D::examples() {
  const auto example = [](LocallyConnected2DOptions options, const Shape& input) {
    return LayerExample{std::make_shared<LocallyConnected2D>(std::move(options)), {input}};
  };
  return {
      example({.nb_filter = 2, .nb_row = 2, .nb_col = 3, .activation = "tanh"}, {2, 3, 5}),
      example({.nb_filter = 3, .nb_row = 1, .nb_col = 2, .subsample = {2, 1}, .dim_ordering = "tf"},
              {4, 3, 2})};
}

}  // namespace cornu
