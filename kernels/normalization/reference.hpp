#pragma once

// Not a public header.

#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "cornu/core/config.hpp"
#include "cornu/kernels/normalization/normalization.hpp"

/// What the kernels of kernels/normalization/normalization.hpp compute, written so that it can be
/// read, with sums in double.
namespace cornu::kernels::reference {

/// Calls body(element, channel) for each element.
template <class Body>
inline void each_of(const Channels& channels, Body body) {
  for (std::size_t o = 0; o < channels.outer; ++o)
    for (std::size_t c = 0; c < channels.count; ++c)
      for (std::size_t k = 0; k < channels.inner; ++k)
        body((o * channels.count + c) * channels.inner + k, c);
}

inline std::vector<double> sums_of(
    const Channels& channels, const std::function<double(std::size_t i, std::size_t c)>& term) {
  std::vector<double> sums(channels.count);
  each_of(channels, [&](std::size_t i, std::size_t c) { sums[c] += term(i, c); });
  return sums;
}

inline void channel_means(const Scalar* x, const Channels& channels, Scalar* means) {
  const auto first = [=](std::size_t c) { return static_cast<double>(x[c * channels.inner]); };
  const auto distances =
      sums_of(channels, [=](std::size_t i, std::size_t c) { return x[i] - first(c); });
  const double members = static_cast<double>(channels.outer * channels.inner);
  for (std::size_t c = 0; c < channels.count; ++c)
    means[c] = static_cast<Scalar>(first(c) + distances[c] / members);
}
inline void channel_variances(const Scalar* x, const Channels& channels, const Scalar* means,
                              Scalar* variances) {
  const auto sums = sums_of(channels, [=](std::size_t i, std::size_t c) {
    return (static_cast<double>(x[i]) - means[c]) * (static_cast<double>(x[i]) - means[c]);
  });
  const double members = static_cast<double>(channels.outer * channels.inner);
  for (std::size_t c = 0; c < channels.count; ++c)
    variances[c] = static_cast<Scalar>(sums[c] / members);
}
inline void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels,
                             const Scalar* centres, Scalar* products, Scalar* sums) {
  const auto both = sums_of(channels, [=](std::size_t i, std::size_t c) {
    return dy[i] * (static_cast<double>(x[i]) - centres[c]);
  });
  const auto alone = sums_of(channels, [=](std::size_t i, std::size_t) { return dy[i]; });
  for (std::size_t c = 0; c < channels.count; ++c) {
    products[c] = static_cast<Scalar>(both[c]);
    sums[c] = static_cast<Scalar>(alone[c]);
  }
}
inline void channel_scale(const Scalar* x, const Channels& channels, const Scalar* centres,
                          const Scalar* slopes, const Scalar* shifts, Scalar* y) {
  each_of(channels, [=](std::size_t i, std::size_t c) {
    y[i] = slopes[c] * (x[i] - centres[c]) + shifts[c];
  });
}
inline void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels,
                            const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                            const Scalar* b, Scalar* dx) {
  each_of(channels, [=](std::size_t i, std::size_t c) {
    dx[i] = a[c] * (dy[i] - dy_centres[c]) + b[c] * (x[i] - centres[c]);
  });
}

inline void normalize_rows(const Scalar* x, std::size_t rows, std::size_t columns,
                           const Scalar* gamma, const Scalar* beta, Scalar epsilon, Scalar* means,
                           Scalar* deviations, Scalar* y) {
  const Channels each_row{1, rows, columns};
  reference::channel_means(x, each_row, means);
  reference::channel_variances(x, each_row, means, deviations);
  for (std::size_t r = 0; r < rows; ++r) deviations[r] = std::sqrt(deviations[r]);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      const std::size_t i = r * columns + c;
      y[i] = gamma[c] * (x[i] - means[r]) / (deviations[r] + epsilon) + beta[c];
    }
}
// With d = s + ε, s = √σ² and the sums over the row's D numbers (the derivation that
// layers/batch_normalization.cpp gives for columns):
//   ∂L/∂d = Σ ∂L/∂x̂_j · −x̂_j/d,   ∂L/∂σ² = ∂L/∂d · 1/(2s),   ∂L/∂μ = Σ ∂L/∂x̂_j · −1/d
//   ∂L/∂x_j = ∂L/∂x̂_j · 1/d + ∂L/∂σ² · 2 (x_j − μ)/D + ∂L/∂μ · 1/D
inline void normalize_rows_backward(const Scalar* x, const Scalar* dy, std::size_t rows,
                                    std::size_t columns, const Scalar* gamma, const Scalar* means,
                                    const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                                    Scalar* dbeta, Scalar* dx) {
  const double D = static_cast<double>(columns);
  for (std::size_t r = 0; r < rows; ++r, x += columns, dy += columns, dx += columns) {
    const double s = deviations[r], d = s + static_cast<double>(epsilon);
    double dd = 0, dmu = 0;
    for (std::size_t j = 0; j < columns; ++j) {
      const double x_hat = (static_cast<double>(x[j]) - means[r]) / d, dy_j = dy[j];
      dgamma[j] += static_cast<Scalar>(dy_j * x_hat);
      dbeta[j] += dy[j];
      dd -= dy_j * gamma[j] * x_hat / d;
      dmu -= dy_j * gamma[j] / d;
    }
    const double dvariance = s == 0 ? 0 : dd / (2 * s);
    for (std::size_t j = 0; j < columns; ++j) {
      const double distance = static_cast<double>(x[j]) - means[r];
      const double dx_j = static_cast<double>(dy[j]) * gamma[j] / d + dvariance * 2 * distance / D;
      dx[j] = s == 0 ? 0 : static_cast<Scalar>(dx_j + dmu / D);
    }
  }
}

}  // namespace cornu::kernels::reference
