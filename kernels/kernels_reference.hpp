#pragma once

// Not a public header.

#include <cstddef>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/kernels/kernels.hpp"

/// What each kernel of kernels/kernels.hpp computes, written so that it can be read.
namespace cornu::kernels::reference {

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
CORNU_API void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns);
CORNU_API void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                                std::size_t columns);
CORNU_API void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at);
CORNU_API void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
                                        std::size_t columns, Scalar epsilon, Scalar* scores);
CORNU_API void softmax_crossentropy_backward(const Scalar* t, const Scalar* p,
                                             const Scalar* weights, std::size_t rows,
                                             std::size_t columns, Scalar* dz);
CORNU_API void philox(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
                      std::uint32_t* out);
CORNU_API void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns);
CORNU_API void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows,
                           std::size_t columns, Scalar* y);
CORNU_API void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows,
                               std::size_t columns);
CORNU_API void channel_means(const Scalar* x, const Channels& channels, Scalar* means);
CORNU_API void channel_variances(const Scalar* x, const Channels& channels, const Scalar* means,
                                 Scalar* variances);
CORNU_API void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels,
                                const Scalar* centres, Scalar* products, Scalar* sums);
CORNU_API void channel_scale(const Scalar* x, const Channels& channels, const Scalar* centres,
                             const Scalar* slopes, const Scalar* shifts, Scalar* y);
CORNU_API void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels,
                               const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                               const Scalar* b, Scalar* dx);
CORNU_API void normalize_rows(const Scalar* x, std::size_t rows, std::size_t columns,
                              const Scalar* gamma, const Scalar* beta, Scalar epsilon,
                              Scalar* means, Scalar* deviations, Scalar* y);
CORNU_API void normalize_rows_backward(const Scalar* x, const Scalar* dy, std::size_t rows,
                                       std::size_t columns, const Scalar* gamma,
                                       const Scalar* means, const Scalar* deviations,
                                       Scalar epsilon, Scalar* dgamma, Scalar* dbeta, Scalar* dx);
CORNU_API void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n);
CORNU_API void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);
CORNU_API void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);
CORNU_API void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
CORNU_API void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                             std::size_t n);
CORNU_API void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon,
                            std::size_t n);
CORNU_API void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr,
                            Scalar epsilon, std::size_t n);
CORNU_API void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho,
                             Scalar lr, Scalar epsilon, std::size_t n);
CORNU_API void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1,
                         double beta_2, Scalar kept, Scalar lr, Scalar epsilon, std::size_t n);
CORNU_API void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1,
                           double beta_2, Scalar lr, Scalar epsilon, std::size_t n);
CORNU_API void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v,
                          const NadamFactors& factors, Scalar lr, Scalar epsilon, std::size_t n);
CORNU_API double sum_of_squares(const Scalar* x, std::size_t n);
CORNU_API bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most);

}  // namespace cornu::kernels::reference
