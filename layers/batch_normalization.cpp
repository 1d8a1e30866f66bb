#include "cornu/layers/batch_normalization.hpp"

#include <cmath>

#include "cornu/core/axes.hpp"
#include "cornu/core/error.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/layers/channels.hpp"
#include "cornu/layers/values_or.hpp"

// Mode 0, the algorithm of the paper. Mode 1 is in batch_normalization_rows.cpp, options and
// declarations are in batch_normalization_options.cpp.

namespace cornu {

using kernels::Channels;

/// The divisor d of x̂ = (x − μ) / d, and what the running mean is made of, the spread S:
///
///     statistics   S            d
///     std          √(σ² + ε)    S + ε        Keras 1, which adds epsilon twice
///     variance     σ²           √(S + ε)     the paper
struct BatchNormalization::Divisor {
  bool of_variance;
  Scalar epsilon;

  Scalar spread(Scalar variance) const {
    return of_variance ? variance : std::sqrt(variance + epsilon);
  }
  Scalar operator()(Scalar S) const { return of_variance ? std::sqrt(S + epsilon) : S + epsilon; }
  /// √(σ² + ε), by which ∂d/∂σ² = 1 / (2 √(σ² + ε)) in both forms.
  Scalar root(Scalar S) const { return of_variance ? std::sqrt(S + epsilon) : S; }
};

BatchNormalization::Divisor BatchNormalization::divisor() const {
  return {of_variance_, static_cast<Scalar>(options_.epsilon)};
}

void BatchNormalization::forward(const Forward& run) const {
  if (options_.mode == 1)
    normalize_rows(run);
  else if (run.training && !holds_)
    normalize_batch(run);
  else
    normalize_with_running(run);
}

void BatchNormalization::backward(const Backward& run) const {
  if (options_.mode == 1)
    backward_rows(run);
  else if (holds_)
    backward_with_running(run);
  else
    backward_batch(run);
}

// Algorithm 1 of the paper, for each feature c. Sums run over its m numbers x_i.
void BatchNormalization::normalize_batch(const Forward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.y.shape);
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const Scalar* const beta = detail::values_or(0, run, Slots::beta, Slots::zeros);
  Scalar *const mu = run[Slots::mu].data(), *const spread = run[Slots::spread].data();
  Scalar *const variance = run[Slots::variance].data(), *const slope = run[Slots::slope].data();
  const Divisor d = divisor();

  // μ = 1/m Σ x_i
  kernels::channel_means(run.x().data, features, mu);
  // σ² = 1/m Σ (x_i − μ)², in a second pass: the one-pass formula 1/m Σ x_i² − μ² cancels.
  kernels::channel_variances(run.x().data, features, mu, variance);
  for (std::size_t c = 0; c < features.count; ++c) spread[c] = d.spread(variance[c]);
  for (std::size_t c = 0; c < features.count; ++c) slope[c] = gamma[c] / d(spread[c]);
  // y_i = γ x̂_i + β with x̂_i = (x_i − μ) / d
  kernels::channel_scale(run.x().data, features, mu, slope, beta, run.y.data);
}

void BatchNormalization::normalize_with_running(const Forward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.y.shape);
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const Scalar* const beta = detail::values_or(0, run, Slots::beta, Slots::zeros);
  const ConstArray mean = run[Slots::running_mean], spread = run[Slots::running_std];
  Scalar* const slope = run[Slots::slope].data();
  const Divisor d = divisor();

  for (std::size_t c = 0; c < features.count; ++c) slope[c] = gamma[c] / d(spread[c]);
  kernels::channel_scale(run.x().data, features, mean.data(), slope, beta, run.y.data);
}

// The chain rule through Algorithm 1, backwards (section 3 of the paper), for either divisor d:
//
//     y_i = γ x̂_i + β,   x̂_i = (x_i − μ) / d,   d = √(σ² + ε), in Keras 1 √(σ² + ε) + ε
//
// and L reaches x_i along three ways: through x̂_i, through σ² and through μ.
void BatchNormalization::backward_batch(const Backward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.dy.shape);
  const Scalar *const x = run.x().data, *const dy = run.dy.data;
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const Scalar *const mu = run[Slots::mu].data(), *const spread = run[Slots::spread].data();
  Scalar *const dgamma = run[Slots::dgamma].data(), *const dbeta = run[Slots::dbeta].data();
  const Divisor d = divisor();
  const Scalar m = static_cast<Scalar>(features.outer * features.inner);

  // ∂L/∂γ = Σ ∂L/∂y_i · x̂_i, the divisor d of x̂_i after the sum;  ∂L/∂β = Σ ∂L/∂y_i
  kernels::channel_products(x, dy, features, mu, dgamma, dbeta);
  for (std::size_t c = 0; c < features.count; ++c) dgamma[c] /= d(spread[c]);

  const Array gamma_gradient = run.gradient(Slots::gamma);
  const Array beta_gradient = run.gradient(Slots::beta);
  for (std::size_t c = 0; c < gamma_gradient.size(); ++c) gamma_gradient[c] += dgamma[c];
  for (std::size_t c = 0; c < beta_gradient.size(); ++c) beta_gradient[c] += dbeta[c];

  Scalar* const dx = run.dx().data;
  if (!dx) return;
  Scalar* const through_x_hat = run[Slots::through_x_hat].data();
  Scalar* const through_variance = run[Slots::through_variance].data();
  Scalar* const mean_dy = run[Slots::mean_dy].data();
  // ∂L/∂x̂_i = ∂L/∂y_i · γ                         and ∂x̂_i/∂x_i = 1/d
  for (std::size_t c = 0; c < features.count; ++c) through_x_hat[c] = gamma[c] / d(spread[c]);
  // ∂L/∂d   = Σ ∂L/∂x̂_i · −(x_i − μ)/d²  = −γ/d · ∂L/∂γ
  // ∂L/∂σ²  = ∂L/∂d · 1/(2 √(σ² + ε))             and ∂σ²/∂x_i = 2 (x_i − μ)/m
  for (std::size_t c = 0; c < features.count; ++c)
    through_variance[c] = -through_x_hat[c] * dgamma[c] / (d.root(spread[c]) * m);
  // ∂L/∂μ   = Σ ∂L/∂x̂_i · −1/d           = −γ/d · ∂L/∂β
  //         (+ ∂L/∂σ² · Σ −2 (x_i − μ)/m = 0)     and ∂μ/∂x_i = 1/m
  for (std::size_t c = 0; c < features.count; ++c) mean_dy[c] = dbeta[c] / m;
  // ∂L/∂x_i = ∂L/∂x̂_i · 1/d + ∂L/∂μ · 1/m + ∂L/∂σ² · 2 (x_i − μ)/m
  //         = γ/d · (∂L/∂y_i − ∂L/∂β · 1/m) + ...
  kernels::channel_combine(x, dy, features, mu, mean_dy, through_x_hat, through_variance, dx);
}

// With the running statistics held still, μ and d are constants: ∂L/∂x_i = ∂L/∂y_i · γ/d.
void BatchNormalization::backward_with_running(const Backward& run) const {
  const Channels features = detail::channels_along(options_.axis, run.dy.shape);
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const ConstArray mean = run[Slots::running_mean], spread = run[Slots::running_std];
  Scalar *const dgamma = run[Slots::dgamma].data(), *const dbeta = run[Slots::dbeta].data();
  const Divisor d = divisor();

  kernels::channel_products(run.x().data, run.dy.data, features, mean.data(), dgamma, dbeta);
  const Array gamma_gradient = run.gradient(Slots::gamma);
  const Array beta_gradient = run.gradient(Slots::beta);
  for (std::size_t c = 0; c < gamma_gradient.size(); ++c)
    gamma_gradient[c] += dgamma[c] / d(spread[c]);
  for (std::size_t c = 0; c < beta_gradient.size(); ++c) beta_gradient[c] += dbeta[c];

  if (!run.dx()) return;
  Scalar* const through_x_hat = run[Slots::through_x_hat].data();
  Scalar* const nothing = run[Slots::mean_dy].data();
  for (std::size_t c = 0; c < features.count; ++c) through_x_hat[c] = gamma[c] / d(spread[c]);
  for (std::size_t c = 0; c < features.count; ++c) nothing[c] = 0;
  kernels::channel_scale(run.dy.data, features, nothing, through_x_hat, nothing, run.dx().data);
}

void BatchNormalization::update(const Update& run) const {
  if (options_.mode != 0 || holds_) return;
  const Scalar keep = static_cast<Scalar>(options_.momentum), take = 1 - keep;
  const auto move_on = [keep, take](Array running, ConstArray batch) {
    for (std::size_t c = 0; c < running.size(); ++c)
      running[c] = keep * running[c] + take * batch[c];
  };
  move_on(run[Slots::running_mean], run[Slots::mu]);
  move_on(run[Slots::running_std], run[Slots::spread]);
}

}  // namespace cornu
