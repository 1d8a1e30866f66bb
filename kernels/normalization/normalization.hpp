#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// Means, variances and what is done with them, for normalization.
namespace cornu::kernels {

/// An array seen as (outer, count, inner): `count` channels of outer * inner numbers each.
/// Columns of a matrix are channels with inner = 1.
struct Channels {
  std::size_t outer, count, inner;
};
// For each channel; the other arrays have one number a channel. Sums are made in blocks, so that
// rounding errors stay small for large batches.
/// means[c] = the mean of x; exact when all numbers are the same.
CORNU_API void channel_means(const Scalar* x, const Channels& channels, Scalar* means);
/// variances[c] = the mean of (x - means[c])^2
CORNU_API void channel_variances(const Scalar* x, const Channels& channels, const Scalar* means,
                                 Scalar* variances);
/// products[c] = the sum of dy * (x - centres[c]); sums[c] = the sum of dy
CORNU_API void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels,
                                const Scalar* centres, Scalar* products, Scalar* sums);
/// y = slopes[c] * (x - centres[c]) + shifts[c]; y may be x.
CORNU_API void channel_scale(const Scalar* x, const Channels& channels, const Scalar* centres,
                             const Scalar* slopes, const Scalar* shifts, Scalar* y);
/// dx = a[c] * (dy - dy_centres[c]) + b[c] * (x - centres[c]); dx may be dy or x.
CORNU_API void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels,
                               const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                               const Scalar* b, Scalar* dx);

// Normalization of each row of a (rows, columns) array by itself.
/// y = gamma[c] * (x - mean) / (deviation + epsilon) + beta[c] with the row's mean and the root of
/// its mean squared distance from it, which go to means[r] and deviations[r] unless these are null.
/// y may be x.
CORNU_API void normalize_rows(const Scalar* x, std::size_t rows, std::size_t columns,
                              const Scalar* gamma, const Scalar* beta, Scalar epsilon,
                              Scalar* means, Scalar* deviations, Scalar* y);
/// The way back, with n = (x - mean) / (deviation + epsilon) and g = dy * gamma[c]:
/// dgamma[c] += the sum of dy * n over the rows; dbeta[c] += that of dy; and row by row
/// dx = (g - mean of g - (x - mean) * mean of (g * n) / deviation) / (deviation + epsilon), 0 where
/// the deviation is 0. dx may be dy. dgamma and dbeta, or dx, may be null.
CORNU_API void normalize_rows_backward(const Scalar* x, const Scalar* dy, std::size_t rows,
                                       std::size_t columns, const Scalar* gamma,
                                       const Scalar* means, const Scalar* deviations,
                                       Scalar epsilon, Scalar* dgamma, Scalar* dbeta, Scalar* dx);

}  // namespace cornu::kernels
