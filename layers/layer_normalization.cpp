#include "cornu/layers/layer_normalization.hpp"

#include <cmath>

#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/layers/rows_along.hpp"
#include "cornu/layers/values_or.hpp"

namespace cornu {

void LayerNormalizationOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("axis", axis, Range::any(), "what is normalized over; the samples' axis is 0");
  fields.field("epsilon", epsilon, Range::positive(), "keeps divisions from 0");
  fields.field("center", center, "whether there is a beta");
  fields.field("scale", scale, "whether there is a gamma");
  fields.field("beta_init", beta_init, "how beta starts");
  fields.field("gamma_init", gamma_init, "how gamma starts");
  fields.field("beta_regularizer", beta_regularizer, "penalty on beta");
  fields.field("gamma_regularizer", gamma_regularizer, "penalty on gamma");
  fields.field("beta_constraint", beta_constraint, "constraint on beta");
  fields.field("gamma_constraint", gamma_constraint, "constraint on gamma");
}

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : ConfiguredLayer("LayerNormalization", std::move(options)) {}

Traits LayerNormalization::traits() const { return {.mask = MaskRule::pass}; }

Shape LayerNormalization::build(const Shape& input, Builder& builder) const {
  const detail::AxisSet axes = detail::sample_axes(options_.axis, input, place());
  std::vector<std::size_t> sizes;
  for (std::size_t a = 0; a < input.rank(); ++a)
    if (axes[a]) sizes.push_back(input[a]);
  const Shape row(sizes);
  if (options_.scale)
    builder.parameter(Slots::gamma, row, options_.gamma_init, options_.gamma_regularizer,
                      options_.gamma_constraint);
  if (options_.center)
    builder.parameter(Slots::beta, row, options_.beta_init, options_.beta_regularizer,
                      options_.beta_constraint);

  const detail::RowsAlong along(options_.axis, input.with_samples(1));
  builder.cache(Slots::mu, along.rows());
  builder.cache(Slots::s, along.rows());
  if (!along.in_place()) {
    builder.workspace(Slots::x_rows, input.size());
    builder.workspace(Slots::y_rows, input.size());
  }
  if (!options_.scale) builder.workspace(Slots::ones, 0, row.size());
  if (!options_.center) builder.workspace(Slots::zeros, 0, row.size());
  if (options_.scale != options_.center) builder.workspace(Slots::unwanted, 0, row.size());
  return input;
}

void LayerNormalization::forward(const Forward& run) const {
  const detail::RowsAlong along(options_.axis, run.y.shape);
  const std::size_t rows = along.rows(), D = along.columns();
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const Scalar* const beta = detail::values_or(0, run, Slots::beta, Slots::zeros);
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon);
  const Scalar* x = run.x().data;
  Scalar* y = run.y.data;
  if (!along.in_place()) {
    along.gather(x, run[Slots::x_rows].data());
    x = run[Slots::x_rows].data();
    y = run[Slots::y_rows].data();
  }
  for (std::size_t r = 0; r < rows; ++r) {
    const kernels::Channels row{1, 1, D};
    const Scalar* const x_r = x + r * D;
    Scalar* const y_r = y + r * D;
    // μ = 1/D Σ x_j,   s = √(1/D Σ (x_j − μ)² + ε)
    Scalar mu, variance;
    kernels::channel_means(x_r, row, &mu);
    kernels::channel_variances(x_r, row, &mu, &variance);
    const Scalar s = std::sqrt(variance + epsilon);
    // y_j = γ_j (x_j − μ)/s + β_j
    for (std::size_t j = 0; j < D; ++j) y_r[j] = gamma[j] * ((x_r[j] - mu) / s) + beta[j];
    if (!run.training) continue;
    run[Slots::mu][r] = mu;
    run[Slots::s][r] = s;
  }
  if (!along.in_place()) along.scatter(y, run.y.data);
}

// The derivation is that of batch_normalization_rows.cpp, whose divisor is s + ε: with epsilon
// already under the root, it is s.
void LayerNormalization::backward(const Backward& run) const {
  const detail::RowsAlong along(options_.axis, run.dy.shape);
  const Scalar *x = run.x().data, *dy = run.dy.data;
  Scalar* dx = run.dx().data;
  if (!along.in_place()) {
    along.gather(x, run[Slots::x_rows].data());
    along.gather(dy, run[Slots::y_rows].data());
    x = run[Slots::x_rows].data();
    dy = run[Slots::y_rows].data();
    if (dx) dx = run[Slots::y_rows].data();
  }
  Scalar *dgamma = run.gradient(Slots::gamma).data(), *dbeta = run.gradient(Slots::beta).data();
  if (dgamma && !dbeta) dbeta = run[Slots::unwanted].data();
  if (dbeta && !dgamma) dgamma = run[Slots::unwanted].data();
  kernels::normalize_rows_backward(
      x, dy, along.rows(), along.columns(), detail::values_or(1, run, Slots::gamma, Slots::ones),
      run[Slots::mu].data(), run[Slots::s].data(), 0, dgamma, dbeta, dx);
  if (dx && !along.in_place()) along.scatter(dx, run.dx().data);
}

std::vector<LayerExample> LayerNormalization::examples() {
  const auto example = [](LayerNormalizationOptions options, Shape input) -> LayerExample {
    return {std::make_shared<LayerNormalization>(std::move(options)), {std::move(input)}};
  };
  return {example({}, {5}),
          example({.epsilon = 0.1, .beta_init = "normal", .gamma_init = "uniform"}, {3, 4}),
          example({.axis = {1, 2}}, {2, 3}),
          example({.axis = 1, .gamma_init = "normal"}, {4, 2}),
          example({.axis = {1, 3}, .center = false}, {2, 3, 2}),
          example({.scale = false, .beta_regularizer = l2(0.1)}, {4}),
          example({.center = false, .scale = false}, {4})};
}

}  // namespace cornu
