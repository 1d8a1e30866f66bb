#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// Cornu's loops: what is worth tuning, over contiguous arrays, in families. Each kernel has a
/// naive twin in `kernels::reference` (reference.hpp beside this file) that it is tested against,
/// and runs at the width of the vectors that the processor has (core/instruction_set.hpp). Where
/// the comment allows it, an output may be one of the inputs; otherwise they do not overlap.
///
/// This family: functions of each element, and sums over all.
namespace cornu::kernels {

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

// Whole arrays.
/// y += alpha * x
CORNU_API void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n);
/// y = a + b; y may be a or b.
CORNU_API void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);
/// y = a * b; y may be a or b.
CORNU_API void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);

/// The sum of squares, in double, in a fixed order.
CORNU_API double sum_of_squares(const Scalar* x, std::size_t n);
/// Whether least <= x[i] <= most for all i; NaN is never within.
CORNU_API bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most);
/// Whether none is NaN or infinite.
CORNU_API bool all_finite(const Scalar* x, std::size_t n);

}  // namespace cornu::kernels
