#include "cornu/layers/recurrent/gru_cell.hpp"

#include <algorithm>

#include "cornu/kernels/elementwise/elementwise.hpp"

// The gates stand side by side: z, r and the candidate ĥ.

namespace cornu::detail {

using kernels::GateSums;

namespace {

/// body(index of (n, j) in (N, H), index of its first gate in (N, 3 H))
template <class Body>
void for_each_gru_unit(std::size_t N, std::size_t H, const Body& body) {
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) body(n * H + j, n * 3 * H + j);
}

/// Where the candidate's U is packed when it is apart, behind those of z and r.
const Scalar* candidate_U(const Scalar* packed, std::size_t H) {
  return packed + kernels::packed_gates_size(H, 2, H);
}

}  // namespace

GRUCell::GRUCell(const GRUOptions& options)
    : inner_(options.inner_activation),
      outer_(options.activation),
      functions_(gate_functions(inner_, outer_)),
      reset_after_(options.reset_after),
      one_product_(reset_after_ && functions_ && options.dropout_U == 0) {}

std::span<const std::size_t> GRUCell::packs(bool transposed) const {
  static constexpr std::size_t together[] = {3}, apart[] = {2, 1};
  if (one_product_ && !transposed) return together;
  return apart;
}

void GRUCell::forward(const CellForward& step) const {
  const std::size_t N = step.samples, H = step.units;
  if (one_product_)  // z, r, p = h₋ U_h + c_h, ĥ = a(x W_h + b_h + r p), h
    return kernels::gru_step_reset_after({N, H, step.c_row, 0, step.h_before, H, H, step.packed_U},
                                         *functions_, step.gates, step.h_before, step.gates,
                                         step.inner, step.h);
  if (!functions_ || reset_after_) return gates(step);
  // z, r = σ(x W + b + h₋ U)
  const GateSums z_r = step.sums_of(0, 2, step.h_before, step.packed_U);
  kernels::gru_gates(z_r, *functions_, step.h_before, step.gates, step.inner);
  // ĥ = a(x W_h + b_h + (r h₋) U_h),  h = z h₋ + (1 - z) ĥ
  const GateSums candidate = step.sums_of(2, 1, step.inner, candidate_U(step.packed_U, H));
  kernels::gru_candidate(candidate, *functions_, step.h_before, step.gates, step.h);
}

/// The same line by line, for activations that the kernels do not know, and for reset_after with
/// dropout.
void GRUCell::gates(const CellForward& step) const {
  const std::size_t N = step.samples, H = step.units;
  Scalar *const sums = step.sums, *const gate = step.gates, *const inner = step.inner;
  // z, r = σ(x W + b + h₋ U (+ c))
  kernels::gates_product(step.sums_of(0, 2, step.h_before, step.packed_U), 2, sums, 3 * H);
  if (reset_after_)
    for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
      sums[i] += step.c_row[at % H];
      sums[i + H] += step.c_row[H + at % H];
    });
  for (const std::size_t k : {std::size_t{0}, H})
    apply_to_gate(inner_, N, H, sums + k, gate + k, 3 * H);
  // What the candidate sees of h₋: (r h₋) U_h, or r (h₋ U_h + c_h).
  if (reset_after_) {
    const Scalar* a = step.h_before;
    if (step.drop_U) {
      kernels::multiply(a, step.drop_U + 2 * N * H, step.dropped, N * H);
      a = step.dropped;
    }
    kernels::gates_product({N, H, step.c_row + 2 * H, 0, a, H, H, candidate_U(step.packed_U, H)}, 1,
                           inner, H);
    for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
      sums[i + 2 * H] = gate[i + 2 * H] + gate[i + H] * inner[at];
    });
  } else {
    for_each_gru_unit(
        N, H, [&](std::size_t at, std::size_t i) { inner[at] = gate[i + H] * step.h_before[at]; });
    kernels::gates_product(step.sums_of(2, 1, inner, candidate_U(step.packed_U, H)), 1,
                           sums + 2 * H, 3 * H);
  }
  apply_to_gate(outer_, N, H, sums + 2 * H, gate + 2 * H, 3 * H);
  // h = z h₋ + (1 - z) ĥ
  for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
    step.h[at] = gate[i] * step.h_before[at] + (1 - gate[i]) * gate[i + 2 * H];
  });
}

bool GRUCell::whole_step(const kernels::GateCell& cell, const CellForward& step) const {
  if (!functions_ || reset_after_) return false;
  kernels::gru_cell(cell, *functions_, step.gates, step.inner, step.h);
  return true;
}

// With dh what reaches h from later, the chain rule through the last lines first; ŝ is what goes
// into a:
//
//     h = z h₋ + (1 - z) ĥ      dz = dh (h₋ - ĥ),  dĥ = dh (1 - z),  dh₋ = dh z
//     ĥ = a(ŝ)                  dŝ = dĥ a'(ŝ)
//     ŝ = x W_h + (r h₋) U_h    d(r h₋) = dŝ U_hᵀ,  dr = d(r h₋) h₋,  dh₋ += d(r h₋) r
//       or x W_h + r p          dp = dŝ r,  dr = dŝ p,  and p = h₋ U_h + c_h gives dh₋ += dp U_hᵀ
//     z, r = σ(...)             dz and dr times σ', then dh₋ += dz U_zᵀ + dr U_rᵀ
//
// and, of all steps at once, dU = h₋ᵀ dz (of the candidate: (r h₋)ᵀ dŝ, or h₋ᵀ dp), dW = xᵀ dz,
// db = Σ dz, dx = dz Wᵀ, where dz stands for all three gates.
void GRUCell::backward(const CellBackward& step) const {
  const std::size_t N = step.samples, H = step.units;
  const Scalar* const U_h = candidate_U(step.packed_U, H);
  if (reset_after_) {
    if (functions_)
      kernels::gru_step_reset_after_backward(N, H, *functions_, step.gates, step.inner,
                                             step.h_before, step.dh, step.dz, step.dp,
                                             step.dh_before);
    else
      candidate_backward(step);
    step.add_through_U(2, 1, step.dp, H, U_h, step.dh_before);
  } else {
    Scalar* const drh = step.inside;
    if (functions_)
      kernels::gru_candidate_backward(N, H, *functions_, step.gates, step.h_before, step.dh,
                                      step.dz, step.dh_before);
    else
      candidate_backward(step);
    std::fill_n(drh, N * H, Scalar{0});
    step.add_through_U(2, 1, step.dz + 2 * H, 3 * H, U_h, drh);
    if (functions_) {
      kernels::gru_gates_backward(N, H, *functions_, step.gates, step.h_before, drh, step.dz,
                                  step.dh_before);
    } else {
      for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
        step.dz[i + H] = drh[at] * step.h_before[at];
        step.dh_before[at] += drh[at] * step.gates[i + H];
      });
      gate_gradient(inner_, N, H, step.sums ? step.sums + H : nullptr, step.gates + H, step.dz + H,
                    3 * H);
    }
  }
  step.add_through_U(0, 2, step.dz, 3 * H, step.packed_U, step.dh_before);
}

/// Through h, ĥ and, with reset_after, r, for activations that the kernels do not know.
void GRUCell::candidate_backward(const CellBackward& step) const {
  const std::size_t N = step.samples, H = step.units;
  for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
    const Scalar* const gate = step.gates + i;
    step.dz[i] = step.dh[at] * (step.h_before[at] - gate[2 * H]);
    step.dz[i + 2 * H] = step.dh[at] * (1 - gate[0]);
    step.dh_before[at] += step.dh[at] * gate[0];
  });
  gate_gradient(inner_, N, H, step.sums, step.gates, step.dz, 3 * H);
  gate_gradient(outer_, N, H, step.sums ? step.sums + 2 * H : nullptr, step.gates + 2 * H,
                step.dz + 2 * H, 3 * H);
  if (!reset_after_) return;
  for_each_gru_unit(N, H, [&](std::size_t at, std::size_t i) {
    step.dz[i + H] = step.dz[i + 2 * H] * step.inner[at];
    step.dp[at] = step.dz[i + 2 * H] * step.gates[i + H];
  });
  gate_gradient(inner_, N, H, step.sums ? step.sums + H : nullptr, step.gates + H, step.dz + H,
                3 * H);
}

}  // namespace cornu::detail
