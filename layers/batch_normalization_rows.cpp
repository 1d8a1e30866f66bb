#include "cornu/core/error.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/values_or.hpp"

// Mode 1 of BatchNormalization: each row of D numbers, along the last axis, by itself. The
// derivation is that of mode 0 with sums over the row; only gamma now differs from term to term,
// and there is no epsilon in the root: d = s + ε with s = √σ². Step by step it stands in
// kernels/normalization_reference.cpp.

namespace cornu {

// μ = 1/D Σ x_j,   s = √(1/D Σ (x_j − μ)²),   x̂_j = (x_j − μ) / d,   y_j = γ_j x̂_j + β_j
void BatchNormalization::normalize_rows(const Forward& run) const {
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const Scalar* const beta = detail::values_or(0, run, Slots::beta, Slots::zeros);
  const Array mu = run[Slots::mu], s = run[Slots::spread];  // empty when testing
  kernels::normalize_rows(run.x().data, run.y.shape.rows(), run.y.shape.back(), gamma, beta,
                          static_cast<Scalar>(options_.epsilon), mu.data(), s.data(), run.y.data);
}

// ∂L/∂γ_j = Σ ∂L/∂y_j · x̂_j and ∂L/∂β_j = Σ ∂L/∂y_j over the rows. With g_j = ∂L/∂y_j · γ_j, that
// is ∂L/∂x̂_j, the three ways to x_j, through x̂_j, μ and σ², give
//
//     ∂L/∂x_j = 1/d · (g_j − mean(g) − (x_j − μ)/s · mean(g x̂))
//
// and 0 for a constant row, where ∂s/∂σ² has no value.
void BatchNormalization::backward_rows(const Backward& run) const {
  const Scalar* const gamma = detail::values_or(1, run, Slots::gamma, Slots::ones);
  const ConstArray mu = run[Slots::mu], s = run[Slots::spread];
  Scalar *dgamma = run.gradient(Slots::gamma).data(), *dbeta = run.gradient(Slots::beta).data();
  // The kernel makes both or none; one that is missing goes where nobody looks.
  if (dgamma && !dbeta) dbeta = run[Slots::dgamma].data();
  if (dbeta && !dgamma) dgamma = run[Slots::dgamma].data();
  kernels::normalize_rows_backward(
      run.x().data, run.dy.data, run.dy.shape.rows(), run.dy.shape.back(), gamma, mu.data(),
      s.data(), static_cast<Scalar>(options_.epsilon), dgamma, dbeta, run.dx().data);
}

}  // namespace cornu
