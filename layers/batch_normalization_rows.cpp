#include "cornu/core/error.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/layers/batch_normalization.hpp"

// Mode 1 of BatchNormalization: each row of D numbers, along the last axis, by itself. The
// derivation is that of mode 0 with sums over the row; only gamma now differs from term to term,
// and there is no epsilon in the root: d = s + ε with s = √σ². Step by step it stands in
// kernels/normalization_reference.cpp.

namespace cornu {

// μ = 1/D Σ x_j,   s = √(1/D Σ (x_j − μ)²),   x̂_j = (x_j − μ) / d,   y_j = γ_j x̂_j + β_j
void BatchNormalization::normalize_rows(const Forward& run) const {
  const ConstArray gamma = run[Slots::gamma], beta = run[Slots::beta];
  const Array mu = run[Slots::mu], s = run[Slots::s];  // empty when testing
  kernels::normalize_rows(run.x().data, run.y.shape.rows(), run.y.shape.back(), gamma.data(),
                          beta.data(), static_cast<Scalar>(options_.epsilon), mu.data(), s.data(),
                          run.y.data);
}

// ∂L/∂γ_j = Σ ∂L/∂y_j · x̂_j and ∂L/∂β_j = Σ ∂L/∂y_j over the rows. With g_j = ∂L/∂y_j · γ_j, that
// is ∂L/∂x̂_j, the three ways to x_j, through x̂_j, μ and σ², give
//
//     ∂L/∂x_j = 1/d · (g_j − mean(g) − (x_j − μ)/s · mean(g x̂))
//
// and 0 for a constant row, where ∂s/∂σ² has no value.
void BatchNormalization::backward_rows(const Backward& run) const {
  const ConstArray gamma = run[Slots::gamma], mu = run[Slots::mu], s = run[Slots::s];
  kernels::normalize_rows_backward(
      run.x().data, run.dy.data, run.dy.shape.rows(), run.dy.shape.back(), gamma.data(), mu.data(),
      s.data(), static_cast<Scalar>(options_.epsilon), run.gradient(Slots::gamma).data(),
      run.gradient(Slots::beta).data(), run.dx().data);
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
