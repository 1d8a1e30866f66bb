#include "cornu/layers/batch_normalization.hpp"

#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/layers/channels.hpp"

// Mode 0, the algorithm of the paper, and what both modes share. Mode 1 is in
// batch_normalization_rows.cpp.

namespace cornu {

using kernels::Channels;

void BatchNormalizationOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("epsilon", epsilon, Range::positive(), "keeps divisions from 0");
  fields.field("mode", mode, Range::closed(0, 1), "0: each feature over the batch; 1: each sample");
  fields.field("axis", axis, Range::closed(-8, 7), "the axis of the features, the batch's being 0");
  fields.field("momentum", momentum, Range::closed(0, 1),
               "the part of the running statistics that a step keeps");
  fields.argument("weights", weights,
                  "gamma and beta, or gamma, beta, running_mean and running_std, to start from");
  fields.begin_additions();
  fields.field("beta_init", beta_init, "how beta starts");
  fields.field("gamma_init", gamma_init, "how gamma starts");
  fields.end_additions();
}

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : ConfiguredLayer("BatchNormalization", std::move(options)) {
  if (options_.axis == 0)
    throw ConfigError(place(), "expected an axis of the features, got axis 0, that of the samples",
                      "use -1, or 1 for (N, C, H, W)");
  if (options_.mode == 1 && options_.axis < -1)
    throw ConfigError(
        place(), "mode 1 normalizes along the last axis, got axis " + std::to_string(options_.axis),
        "use axis = -1");
  const std::size_t given = options_.weights.size();
  if (given != 0 && given != 2 && given != 4)
    throw ConfigError(place(), "expected 2 or 4 arrays of weights, got " + std::to_string(given),
                      "give gamma and beta, or gamma, beta, running_mean and running_std");
}

Traits BatchNormalization::traits() const {
  const bool over_batch = options_.mode == 0;
  return {.training_differs = over_batch, .updates_state = over_batch};
}

Shape BatchNormalization::build(const Shape& input, Builder& builder) const {
  const int axes = static_cast<int>(input.rank()) + 1;  // the samples' included
  const int axis = options_.axis < 0 ? options_.axis + axes : options_.axis;
  if (axis < 1 || axis >= axes)
    throw ShapeError(place(),
                     "expected an input that has the feature axis " +
                         std::to_string(options_.axis) + ", got " + input.to_string_with_samples(),
                     "axis counts the samples' axis as 0; -1 is the last");
  if (options_.mode == 1 && axis != axes - 1)
    throw ConfigError(place(),
                      "mode 1 normalizes along the last axis, got axis " +
                          std::to_string(options_.axis) + " for " + input.to_string_with_samples(),
                      "use axis = -1");
  const Shape features{input[static_cast<std::size_t>(axis) - 1]};
  builder.parameter(Slots::gamma, features, options_.gamma_init);
  builder.parameter(Slots::beta, features, options_.beta_init);
  builder.state(Slots::running_mean, features, 0);
  builder.state(Slots::running_std, features, 1);

  const std::size_t n = features[0];
  if (options_.mode == 0) {
    builder.cache(Slots::mu, 0, n);
    builder.cache(Slots::s, 0, n);
    for (const WorkspaceSlot slot : {Slots::variance, Slots::slope, Slots::dgamma, Slots::dbeta,
                                     Slots::through_x_hat, Slots::through_variance, Slots::mean_dy})
      builder.workspace(slot, 0, n);
  } else {
    builder.cache(Slots::mu, input.rows());
    builder.cache(Slots::s, input.rows());
  }
  return input;
}

std::vector<Tensor> BatchNormalization::initial_weights() const {
  std::vector<Tensor> weights = options_.weights;
  if (weights.size() == 2) {
    const Shape features = weights[0].shape();
    weights.emplace_back(features);
    weights.emplace_back(features, std::vector<Scalar>(features.size(), 1));
  }
  return weights;
}

void BatchNormalization::forward(const Forward& run) const {
  if (options_.mode == 1)
    normalize_rows(run);
  else if (run.training)
    normalize_batch(run);
  else
    normalize_with_running(run);
}

void BatchNormalization::backward(const Backward& run) const {
  if (options_.mode == 1)
    backward_rows(run);
  else
    backward_batch(run);
}

// Algorithm 1 of the paper, for each feature c. Sums run over its m numbers x_i.
void BatchNormalization::normalize_batch(const Forward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.y.shape);
  const Scalar *const gamma = run[Slots::gamma].data(), *const beta = run[Slots::beta].data();
  Scalar *const mu = run[Slots::mu].data(), *const s = run[Slots::s].data();
  Scalar *const variance = run[Slots::variance].data(), *const slope = run[Slots::slope].data();
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon);

  // μ = 1/m Σ x_i
  kernels::channel_means(run.x().data, features, mu);
  // σ² = 1/m Σ (x_i − μ)², in a second pass: the one-pass formula 1/m Σ x_i² − μ² cancels.
  kernels::channel_variances(run.x().data, features, mu, variance);
  for (std::size_t c = 0; c < features.count; ++c) s[c] = std::sqrt(variance[c] + epsilon);
  for (std::size_t c = 0; c < features.count; ++c) slope[c] = gamma[c] / (s[c] + epsilon);
  // y_i = γ x̂_i + β with x̂_i = (x_i − μ) / (s + ε)
  kernels::channel_scale(run.x().data, features, mu, slope, beta, run.y.data);
}

void BatchNormalization::normalize_with_running(const Forward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.y.shape);
  const Scalar *const gamma = run[Slots::gamma].data(), *const beta = run[Slots::beta].data();
  const Scalar *const mean = run[Slots::running_mean].data(), *const deviation =
                                                                  run[Slots::running_std].data();
  Scalar* const slope = run[Slots::slope].data();
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon);

  for (std::size_t c = 0; c < features.count; ++c) slope[c] = gamma[c] / (deviation[c] + epsilon);
  kernels::channel_scale(run.x().data, features, mean, slope, beta, run.y.data);
}

// The chain rule through Algorithm 1, backwards (section 3 of the paper). Keras 1's second epsilon
// makes the divisor d = s + ε with s = √(σ² + ε), where the paper has √(σ² + ε) itself:
//
//     y_i = γ x̂_i + β,   x̂_i = (x_i − μ) / d,   d = √(σ² + ε) + ε
//
// and L reaches x_i along three ways: through x̂_i, through σ² and through μ.
void BatchNormalization::backward_batch(const Backward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.dy.shape);
  const Scalar *const x = run.x().data, *const dy = run.dy.data;
  const Scalar* const gamma = run[Slots::gamma].data();
  const Scalar *const mu = run[Slots::mu].data(), *const s = run[Slots::s].data();
  Scalar *const dgamma = run[Slots::dgamma].data(), *const dbeta = run[Slots::dbeta].data();
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon);
  const Scalar m = static_cast<Scalar>(features.outer * features.inner);

  // ∂L/∂γ = Σ ∂L/∂y_i · x̂_i, the divisor d of x̂_i after the sum;  ∂L/∂β = Σ ∂L/∂y_i
  kernels::channel_products(x, dy, features, mu, dgamma, dbeta);
  for (std::size_t c = 0; c < features.count; ++c) dgamma[c] /= s[c] + epsilon;

  const Array gamma_gradient = run.gradient(Slots::gamma),
              beta_gradient = run.gradient(Slots::beta);
  for (std::size_t c = 0; c < gamma_gradient.size(); ++c) gamma_gradient[c] += dgamma[c];
  for (std::size_t c = 0; c < beta_gradient.size(); ++c) beta_gradient[c] += dbeta[c];

  Scalar* const dx = run.dx().data;
  if (!dx) return;
  Scalar* const through_x_hat = run[Slots::through_x_hat].data();
  Scalar* const through_variance = run[Slots::through_variance].data();
  Scalar* const mean_dy = run[Slots::mean_dy].data();
  // ∂L/∂x̂_i = ∂L/∂y_i · γ                         and ∂x̂_i/∂x_i = 1/d
  for (std::size_t c = 0; c < features.count; ++c) through_x_hat[c] = gamma[c] / (s[c] + epsilon);
  // ∂L/∂d   = Σ ∂L/∂x̂_i · −(x_i − μ)/d²  = −γ/d · ∂L/∂γ
  // ∂L/∂σ²  = ∂L/∂d · 1/(2s)                      and ∂σ²/∂x_i = 2 (x_i − μ)/m
  for (std::size_t c = 0; c < features.count; ++c)
    through_variance[c] = -through_x_hat[c] * dgamma[c] / (s[c] * m);
  // ∂L/∂μ   = Σ ∂L/∂x̂_i · −1/d           = −γ/d · ∂L/∂β
  //         (+ ∂L/∂σ² · Σ −2 (x_i − μ)/m = 0)     and ∂μ/∂x_i = 1/m
  for (std::size_t c = 0; c < features.count; ++c) mean_dy[c] = dbeta[c] / m;
  // ∂L/∂x_i = ∂L/∂x̂_i · 1/d + ∂L/∂μ · 1/m + ∂L/∂σ² · 2 (x_i − μ)/m
  //         = γ/d · (∂L/∂y_i − ∂L/∂β · 1/m) + ...
  kernels::channel_combine(x, dy, features, mu, mean_dy, through_x_hat, through_variance, dx);
}

void BatchNormalization::update(const Update& run) const {
  if (options_.mode != 0) return;
  const Scalar keep = static_cast<Scalar>(options_.momentum), take = 1 - keep;
  const auto move_on = [keep, take](Array running, ConstArray batch) {
    for (std::size_t c = 0; c < running.size(); ++c)
      running[c] = keep * running[c] + take * batch[c];
  };
  move_on(run[Slots::running_mean], run[Slots::mu]);
  move_on(run[Slots::running_std], run[Slots::s]);
}

}  // namespace cornu
