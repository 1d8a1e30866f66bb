#pragma once

#include <cstddef>

#include "cornu/core/config.hpp"
#include "cornu/core/export.hpp"

/// One time step of recurrent layers: the product of the state before with the recurrent weights,
/// and the gates made of it while it is still in registers.
///
/// Everywhere N = `samples`, H = `units` and G is the number of gates. The gates of a sample stand
/// side by side, (N, G H): i, f, c, o for LSTM and z, r, h for GRU. No array of results may be one
/// of the arguments, unless said.
namespace cornu::kernels {

/// The functions that these kernels know of.
enum class GateFunction { linear, relu, tanh, sigmoid, hard_sigmoid, softplus, softsign };
/// sigma of the gates and the activation of the candidate and the output.
struct GateFunctions {
  GateFunction inner, outer;
};

/// G matrices (terms, H) as the kernels read them, strip by strip of the columns.
CORNU_API std::size_t packed_gates_size(std::size_t terms, std::size_t gates, std::size_t units);
/// From one pointer a gate to matrices (terms, H) whose rows are `row` apart.
CORNU_API void pack_gates(const Scalar* const* matrices, std::size_t row, std::size_t terms,
                          std::size_t gates, std::size_t units, Scalar* packed);
/// The transposed matrices under each other: from U (H, H) of each gate, with rows `row` apart, one
/// matrix of G H terms, for transposed_gates_product.
CORNU_API void pack_gates_transposed(const Scalar* const* matrices, std::size_t row,
                                     std::size_t gates, std::size_t units, Scalar* packed);
/// out (N, H) += dz Uᵀ, dz (N, G H) with rows `dz_row` apart.
CORNU_API void transposed_gates_product(std::size_t samples, std::size_t units, std::size_t gates,
                                        const Scalar* dz, std::size_t dz_row, const Scalar* packed,
                                        Scalar* out);

/// What a step's gates are functions of: z + a U, for z (N, G H) with rows `z_row` apart (0: one
/// row for all) and a (N, terms) with rows `a_row` apart. terms 0: z alone.
struct GateSums {
  std::size_t samples, units;
  const Scalar* z;
  std::size_t z_row;
  const Scalar* a;
  std::size_t a_row, terms;
  const Scalar* U;  ///< packed
};
/// Nothing but the sums, (N, G H) with rows `out_row` apart. `out` may be z.
CORNU_API void gates_product(const GateSums& sums, std::size_t gates, Scalar* out,
                             std::size_t out_row);
/// h (N, H) = f(z + h_before U)
CORNU_API void simple_rnn_step(const GateSums& sums, GateFunction f, Scalar* h);
/// i, f, o = inner(...), g = outer(...): c = f c_before + i g, h = o outer(c). `gates` (N, 4 H)
/// keeps i, f, g, o and may be z.
CORNU_API void lstm_step(const GateSums& sums, GateFunctions functions, const Scalar* c_before,
                         Scalar* gates, Scalar* c, Scalar* h);
/// The first half of a GRU's step, for the sums of z and r: they, into the first 2 H columns of
/// `gates` (N, 3 H), which may be z, and rh = r h_before.
CORNU_API void gru_gates(const GateSums& sums, GateFunctions functions, const Scalar* h_before,
                         Scalar* gates, Scalar* rh);
/// The second, for the sum of the candidate (whose `a` is rh): into the last H columns of `gates`
/// the candidate, and h = z h_before + (1 - z) candidate.
CORNU_API void gru_candidate(const GateSums& sums, GateFunctions functions, const Scalar* h_before,
                             Scalar* gates, Scalar* h);
/// The step of a GRU whose reset gate works after the product: the sums are those of z and r and
/// of p = h_before U_h + c_h, whose start is `start` (3 H), and x (N, 3 H) = x W + b.
/// candidate = outer(x_h + r p). `gates` may be x.
CORNU_API void gru_step_reset_after(const GateSums& sums, GateFunctions functions, const Scalar* x,
                                    const Scalar* h_before, Scalar* gates, Scalar* p, Scalar* h);

/// Backward through lstm_step, from dh and dc (N, H): dz (N, 4 H) and dc_before.
CORNU_API void lstm_step_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                                  const Scalar* gates, const Scalar* c_before, const Scalar* c,
                                  const Scalar* dh, const Scalar* dc, Scalar* dz,
                                  Scalar* dc_before);
/// Backward through gru_candidate up to the sums: the columns of z and of the candidate of
/// dz (N, 3 H), and dh_before += dh z.
CORNU_API void gru_candidate_backward(std::size_t samples, std::size_t units,
                                      GateFunctions functions, const Scalar* gates,
                                      const Scalar* h_before, const Scalar* dh, Scalar* dz,
                                      Scalar* dh_before);
/// Backward through rh = r h_before, from drh: the columns of r of dz, and dh_before += drh r.
CORNU_API void gru_gates_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                                  const Scalar* gates, const Scalar* h_before, const Scalar* drh,
                                  Scalar* dz, Scalar* dh_before);
/// Backward through gru_step_reset_after: dz (N, 3 H) for x W + b, dp (N, H) for p, and
/// dh_before += dh z.
CORNU_API void gru_step_reset_after_backward(std::size_t samples, std::size_t units,
                                             GateFunctions functions, const Scalar* gates,
                                             const Scalar* p, const Scalar* h_before,
                                             const Scalar* dh, Scalar* dz, Scalar* dp,
                                             Scalar* dh_before);

/// A whole step of few samples from weights as they are stored, a pointer a gate (null for no b):
/// what packing would take longer than. x (N, D), h_before (N, H).
struct GateCell {
  std::size_t samples, inputs, units;
  const Scalar *x, *h;
  const Scalar* W[4];
  const Scalar* U[4];
  const Scalar* b[4];
  std::size_t W_row, U_row;
};
CORNU_API void simple_rnn_cell(const GateCell& cell, GateFunction f, Scalar* h);
CORNU_API void lstm_cell(const GateCell& cell, GateFunctions functions, const Scalar* c_before,
                         Scalar* c, Scalar* h);
/// `gates` (N, 3 H) and `rh` (N, H) are for use within.
CORNU_API void gru_cell(const GateCell& cell, GateFunctions functions, Scalar* gates, Scalar* rh,
                        Scalar* h);

}  // namespace cornu::kernels
