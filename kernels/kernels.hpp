#pragma once

#include <cstddef>
#include <cstdint>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

/// The loops that are worth tuning, over contiguous arrays. Every one has a naive twin in
/// `kernels::reference` (kernels/kernels_reference.hpp) that says what it computes and that it is
/// tested against. They run at the width of the vectors that the processor has, found at run time.
/// Where the comment allows it, an output may be one of the inputs; otherwise they do not overlap.
namespace cornu::kernels {

/// What the kernels were compiled for: "avx512", "avx2" or "portable". The environment variable
/// CORNU_INSTRUCTION_SET asks for a lesser one than the processor has.
CORNU_API const char* instruction_set();

// Element-wise, y may be x, dx may be dy. The backward of each needs only the output y.
// Largest errors in units in the last place, over a seventeenth of all floats: exp 1.1, tanh 2.1,
// sigmoid 2.5, softplus 2.8, softsign 1.5. NaN stays NaN; infinities give the limits; results that
// are denormal are right too.
CORNU_API void relu(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void tanh(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void sigmoid(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void softplus(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void softsign(const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n);
CORNU_API void exp(const Scalar* x, Scalar* y, std::size_t n);

/// Row by row over (rows, columns), with the row's maximum taken out first. y may be x.
CORNU_API void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns);
/// dx = y * (dy - sum(dy * y)) row by row. dx may be dy.
CORNU_API void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                                std::size_t columns);

/// at[r] is the column with the row's greatest number, the first one of several. NaNs are passed
/// over; 0 where no number is above minus infinity.
CORNU_API void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at);
/// scores[r] = -sum over c of t log q, with q = p / sum(p) of the row, clipped to
/// [epsilon, 1 - epsilon]; 0 / 0 is 0.
CORNU_API void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
                                        std::size_t columns, Scalar epsilon, Scalar* scores);
/// The way back through that and p = softmax(z): dz = weights[r] * (p * sum(t) - t) row by row.
CORNU_API void softmax_crossentropy_backward(const Scalar* t, const Scalar* p,
                                             const Scalar* weights, std::size_t rows,
                                             std::size_t columns, Scalar* dz);

/// out[4 b], ... out[4 b + 3] are Philox4x32-10 (core/random.hpp) of the counter whose first of
/// four words is b greater, under the key's two words.
CORNU_API void philox(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
                      std::uint32_t* out);

// Rows and columns of a (rows, columns) array.
/// y[r, c] = row[c]
CORNU_API void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns);
/// y[r, c] = x[order[r], c] for `rows` rows from anywhere in x.
CORNU_API void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows,
                           std::size_t columns, Scalar* y);
/// sums[c] += sum over r of x[r, c]
CORNU_API void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows,
                               std::size_t columns);

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

// Whole arrays.
/// y += alpha * x
CORNU_API void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n);
/// y = a + b; y may be a or b.
CORNU_API void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);
/// y = a * b; y may be a or b.
CORNU_API void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);

// One step of an optimizer over n parameters p and their gradients g (optimizers/*.cpp says what
// the other arrays are). What they accumulate and is too small for a normal number (below 1e-37 in
// float) becomes 0.
/// m = momentum * m - lr * g; p += m
CORNU_API void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
/// m = momentum * m - lr * g; p += momentum * m - lr * g
CORNU_API void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
/// a += g^2; p -= lr * g / (sqrt(a) + epsilon)
CORNU_API void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon,
                            std::size_t n);
/// a = rho * a + (1 - rho) * g^2; p -= lr * g / (sqrt(a) + epsilon)
CORNU_API void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr,
                            Scalar epsilon, std::size_t n);
/// a = rho * a + (1 - rho) * g^2; u = g * sqrt(d + epsilon) / sqrt(a + epsilon); p -= lr * u;
/// d = rho * d + (1 - rho) * u^2
CORNU_API void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho,
                             Scalar lr, Scalar epsilon, std::size_t n);
/// m = beta_1 * m + (1 - beta_1) * g; v = beta_2 * v + (1 - beta_2) * g^2;
/// p = kept * p - lr * m / (sqrt(v) + epsilon)
CORNU_API void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1,
                         double beta_2, Scalar kept, Scalar lr, Scalar epsilon, std::size_t n);
/// m = beta_1 * m + (1 - beta_1) * g; u = max(beta_2 * u, |g|); p -= lr * m / (u + epsilon)
CORNU_API void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1,
                           double beta_2, Scalar lr, Scalar epsilon, std::size_t n);
/// m and v as in adam_step; p -= lr * (of_g * g + of_m * m) / (sqrt(of_v * v) + epsilon)
struct NadamFactors {
  double beta_1, beta_2;
  Scalar of_g, of_m, of_v;
};
CORNU_API void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v,
                          const NadamFactors& factors, Scalar lr, Scalar epsilon, std::size_t n);

/// The sum of squares, in double, in a fixed order.
CORNU_API double sum_of_squares(const Scalar* x, std::size_t n);
/// Whether least <= x[i] <= most for all i; NaN is never within.
CORNU_API bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most);
/// Whether none is NaN or infinite.
CORNU_API bool all_finite(const Scalar* x, std::size_t n);

}  // namespace cornu::kernels
