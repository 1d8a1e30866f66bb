#pragma once

// Not a public header: how kernels/kernels.cpp finds the loops of an instruction set.

#include <cstddef>

#include "cornu/core/tensor.hpp"
#include "cornu/kernels/kernels.hpp"

namespace cornu::kernels::detail {

/// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * S for m, n, k > 0. S is C itself, or any
/// other matrix with rows `start_row` apart: 0 puts one row under every row. Not read for beta 0.
struct Product {
  bool transpose_a, transpose_b;
  std::size_t m, n, k;
  Scalar alpha;
  const Scalar* a;
  std::size_t lda;
  const Scalar* b;
  std::size_t ldb;
  Scalar beta;
  const Scalar* start;
  std::size_t start_row;
  Scalar* c;
  std::size_t ldc;
};

/// One instruction set's kernels. The source of all is kernels/kernels_loops.inc, compiled once for
/// each instruction set with that set's compiler options.
struct Table {
  using Map = void (*)(const Scalar* x, Scalar* y, std::size_t n);
  using Map2 = void (*)(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n);
  using Rows = void (*)(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns);
  using Rows2 = void (*)(const Scalar* a, const Scalar* b, Scalar* y, std::size_t rows,
                         std::size_t columns);

  const char* name;
  Map relu, tanh, sigmoid, hard_sigmoid, softplus, softsign, exp;
  Map2 relu_backward, tanh_backward, sigmoid_backward, hard_sigmoid_backward, softplus_backward,
      softsign_backward;
  Rows softmax;
  Rows2 softmax_backward;
  void (*argmax)(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at);
  void (*categorical_crossentropy)(const Scalar* t, const Scalar* p, std::size_t rows,
                                   std::size_t columns, Scalar epsilon, Scalar* scores);
  void (*softmax_crossentropy_backward)(const Scalar* t, const Scalar* p, const Scalar* weights,
                                        std::size_t rows, std::size_t columns, Scalar* dz);
  void (*philox)(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
                 std::uint32_t* out);
  Rows fill_rows;
  void (*gather_rows)(const Scalar* x, const std::size_t* order, std::size_t rows,
                      std::size_t columns, Scalar* y);
  Rows add_column_sums;
  void (*add_scaled)(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n);
  Map2 add, multiply;
  void (*momentum_step)(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                        std::size_t n);
  void (*nesterov_step)(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                        std::size_t n);
  void (*adagrad_step)(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon,
                       std::size_t n);
  void (*rmsprop_step)(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr, Scalar epsilon,
                       std::size_t n);
  void (*adadelta_step)(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho, Scalar lr,
                        Scalar epsilon, std::size_t n);
  void (*adam_step)(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1, double beta_2,
                    Scalar kept, Scalar lr, Scalar epsilon, std::size_t n);
  void (*adamax_step)(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1,
                      double beta_2, Scalar lr, Scalar epsilon, std::size_t n);
  void (*nadam_step)(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, const NadamFactors& factors,
                     Scalar lr, Scalar epsilon, std::size_t n);
  double (*sum_of_squares)(const Scalar* x, std::size_t n);
  bool (*all_within)(const Scalar* x, std::size_t n, Scalar least, Scalar most);
  // Of the channels [first, last).
  void (*channel_means)(const Scalar* x, const Channels& channels, std::size_t first,
                        std::size_t last, Scalar* means);
  void (*channel_variances)(const Scalar* x, const Channels& channels, std::size_t first,
                            std::size_t last, const Scalar* means, Scalar* variances);
  void (*channel_products)(const Scalar* x, const Scalar* dy, const Channels& channels,
                           std::size_t first, std::size_t last, const Scalar* centres,
                           Scalar* products, Scalar* sums);
  void (*channel_scale)(const Scalar* x, const Channels& channels, std::size_t first,
                        std::size_t last, const Scalar* centres, const Scalar* slopes,
                        const Scalar* shifts, Scalar* y);
  void (*channel_combine)(const Scalar* x, const Scalar* dy, const Channels& channels,
                          std::size_t first, std::size_t last, const Scalar* centres,
                          const Scalar* dy_centres, const Scalar* a, const Scalar* b, Scalar* dx);
  // Of the rows [first, last).
  void (*normalize_rows)(const Scalar* x, std::size_t first, std::size_t last, std::size_t columns,
                         const Scalar* gamma, const Scalar* beta, Scalar epsilon, Scalar* means,
                         Scalar* deviations, Scalar* y);
  void (*normalize_rows_backward)(const Scalar* x, const Scalar* dy, std::size_t rows,
                                  std::size_t columns, const Scalar* gamma, const Scalar* means,
                                  const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                                  Scalar* dbeta, Scalar* dx);
  void (*product)(const Product& product);  ///< null: OpenBLAS does better
};

extern const Table portable;
#if defined(__x86_64__)
extern const Table avx2;
extern const Table avx512;
#endif

/// The widest that this processor has.
const Table& table();

}  // namespace cornu::kernels::detail
