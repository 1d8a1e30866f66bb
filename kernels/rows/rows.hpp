#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// What is done row by row, or column by column, of a (rows, columns) array.
namespace cornu::kernels {

/// Row by row over (rows, columns), with the row's maximum taken out first; what would be denormal
/// is 0. y may be x.
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
/// The way back through that and p = softmax(z): dz = weights[r] * (p * sum(t) - t) row by row, 0
/// where that is below 2^-90 (2^-900 in double), of which products with weights and features would
/// be denormal.
CORNU_API void softmax_crossentropy_backward(const Scalar* t, const Scalar* p,
                                             const Scalar* weights, std::size_t rows,
                                             std::size_t columns, Scalar* dz);

/// y[r, c] = row[c]
CORNU_API void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns);
/// y[r, c] = x[order[r], c] for `rows` rows from anywhere in x.
CORNU_API void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows,
                           std::size_t columns, Scalar* y);
/// sums[c] += sum over r of x[r, c]
CORNU_API void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows,
                               std::size_t columns);

}  // namespace cornu::kernels
