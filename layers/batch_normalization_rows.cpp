#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/layers/batch_normalization.hpp"

// Mode 1 of BatchNormalization: each row of D numbers, along the last axis, by itself. The
// derivation is that of mode 0 with sums over the row; only gamma now differs from term to term,
// and there is no epsilon in the root: d = s + ε with s = √σ².

namespace cornu {

void BatchNormalization::normalize_rows(const Forward& run) const {
  const std::size_t D = run.y.shape.back(), rows = run.y.shape.rows();
  const ConstArray gamma = run.parameters[0], beta = run.parameters[1];
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon), count = static_cast<Scalar>(D);
  for (std::size_t row = 0; row < rows; ++row) {
    const Scalar* const x = run.x().data + row * D;
    Scalar* const y = run.y.data + row * D;
    // μ = 1/D Σ x_j, from the first number, so that a constant row has exactly itself as its mean
    Scalar sum = 0;
    for (std::size_t j = 0; j < D; ++j) sum += x[j] - x[0];
    const Scalar mu = x[0] + sum / count;
    // σ² = 1/D Σ (x_j − μ)²
    Scalar squares = 0;
    for (std::size_t j = 0; j < D; ++j) squares += (x[j] - mu) * (x[j] - mu);
    const Scalar s = std::sqrt(squares / count), d = s + epsilon;
    // y_j = γ_j x̂_j + β_j
    for (std::size_t j = 0; j < D; ++j) y[j] = gamma[j] * ((x[j] - mu) / d) + beta[j];
    if (run.training) {
      run.caches[0][row] = mu;
      run.caches[1][row] = s;
    }
  }
}

void BatchNormalization::backward_rows(const Backward& run) const {
  const std::size_t D = run.dy.shape.back(), rows = run.dy.shape.rows();
  const ConstArray gamma = run.parameters[0];
  const Array dgamma = run.gradients[0], dbeta = run.gradients[1];
  const Scalar epsilon = static_cast<Scalar>(options_.epsilon), count = static_cast<Scalar>(D);
  for (std::size_t row = 0; row < rows; ++row) {
    const Scalar* const x = run.x().data + row * D;
    const Scalar* const dy = run.dy.data + row * D;
    const Scalar mu = run.caches[0][row], s = run.caches[1][row], d = s + epsilon;
    // ∂L/∂γ_j = ∂L/∂y_j · x̂_j,   ∂L/∂β_j = ∂L/∂y_j
    for (std::size_t j = 0; j < dgamma.size(); ++j) dgamma[j] += dy[j] * (x[j] - mu) / d;
    for (std::size_t j = 0; j < dbeta.size(); ++j) dbeta[j] += dy[j];
    if (!run.dx()) continue;

    Scalar* const dx = run.dx().data + row * D;
    if (s == 0) {  // ∂s/∂σ² has no value at a constant row
      std::fill(dx, dx + D, Scalar{0});
      continue;
    }
    // ∂L/∂x̂_j = ∂L/∂y_j · γ_j;   ∂L/∂d = Σ ∂L/∂x̂_j · −x̂_j/d;   ∂L/∂μ = Σ ∂L/∂x̂_j · −1/d
    Scalar dd = 0, dmu = 0;
    for (std::size_t j = 0; j < D; ++j) {
      dd -= dy[j] * gamma[j] * (x[j] - mu) / (d * d);
      dmu -= dy[j] * gamma[j] / d;
    }
    // ∂L/∂σ² = ∂L/∂d · 1/(2s)
    const Scalar dvariance = dd / (2 * s);
    // ∂L/∂x_j = ∂L/∂x̂_j · 1/d + ∂L/∂σ² · 2 (x_j − μ)/D + ∂L/∂μ · 1/D
    for (std::size_t j = 0; j < D; ++j)
      dx[j] = dy[j] * gamma[j] / d + dvariance * 2 * (x[j] - mu) / count + dmu / count;
  }
}

std::vector<LayerExample> BatchNormalization::examples() {
  const auto example = [](BatchNormalizationOptions options, Shape input) -> LayerExample {
    return {std::make_shared<BatchNormalization>(std::move(options)), {std::move(input)}};
  };
  return {
      example({}, {3}),
      example({.epsilon = 1e-3, .momentum = 0.5}, {4, 2}),
      example({.axis = 1, .beta_init = "normal", .gamma_init = "uniform"}, {3, 2, 2}),
      example({.axis = -2, .momentum = 0.99}, {3, 4}),
      example({.axis = 2}, {2, 3, 2}),
      example({.mode = 1}, {5}),
      example({.epsilon = 0.1, .mode = 1, .axis = 2}, {2, 4}),
  };
}

}  // namespace cornu
