#pragma once

// Not a public header: arrays of samples (N, T, D) cut into steps (T, N, D) and back, and what
// masks do to the rows of a step.

#include <algorithm>

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/layer.hpp"
#include "cornu/layers/recurrent/recurrence.hpp"

namespace cornu::detail {

/// (N, T, D) becomes (T, N, D), the last step first when `backwards`.
inline void to_steps(ConstView x, bool backwards, Scalar* out) {
  const std::size_t N = x.shape[0], T = x.shape[1], D = x.shape.size() / (N * T);
  for (std::size_t t = 0; t < T; ++t)
    for (std::size_t n = 0; n < N; ++n, out += D)
      std::copy_n(x.data + (n * T + (backwards ? T - 1 - t : t)) * D, D, out);
}
inline void from_steps(const Scalar* steps, bool backwards, View out) {
  const std::size_t N = out.shape[0], T = out.shape[1], D = out.shape.size() / (N * T);
  for (std::size_t t = 0; t < T; ++t)
    for (std::size_t n = 0; n < N; ++n, steps += D)
      std::copy_n(steps, D, out.data + (n * T + (backwards ? T - 1 - t : t)) * D);
}

/// The state before the first step: what was carried, or zero.
inline void begin_with(ConstArray carried, std::size_t size, Scalar* state) {
  if (carried.empty())
    std::fill_n(state, size, Scalar{0});
  else
    std::copy_n(carried.data(), size, state);
}

/// h (T, N, H) becomes y: (N, T, H), or the last step alone.
inline void write_outputs(const Scalar* h, std::size_t T, std::size_t N, std::size_t H,
                          bool sequences, Scalar* y) {
  if (!sequences) {
    std::copy_n(h + (T - 1) * N * H, N * H, y);
    return;
  }
  for (std::size_t t = 0; t < T; ++t)
    for (std::size_t n = 0; n < N; ++n, h += H) std::copy_n(h, H, y + (n * T + t) * H);
}
/// dy becomes dh (T + 1, N, H), behind the state before the first step.
inline void read_output_gradients(const Scalar* dy, std::size_t T, std::size_t N, std::size_t H,
                                  bool sequences, Scalar* dh) {
  std::fill_n(dh, (sequences ? 1 : T) * N * H, Scalar{0});
  if (!sequences) {
    std::copy_n(dy, N * H, dh + T * N * H);
    return;
  }
  dh += N * H;
  for (std::size_t t = 0; t < T; ++t)
    for (std::size_t n = 0; n < N; ++n, dh += H) std::copy_n(dy + (n * T + t) * H, H, dh);
}

/// Where mask (N,) is 0, `after` (N, H) becomes `before`.
inline void hold(const Scalar* mask, const Scalar* before, std::size_t N, std::size_t H,
                 Scalar* after) {
  for (std::size_t n = 0; n < N; ++n)
    if (mask[n] == 0) std::copy_n(before + n * H, H, after + n * H);
}
/// Where mask is 0, the rows of d move to `held`, and zero stays.
inline void take(const Scalar* mask, std::size_t N, std::size_t H, Scalar* d, Scalar* held) {
  for (std::size_t n = 0; n < N; ++n) {
    if (mask[n] != 0) continue;
    std::copy_n(d + n * H, H, held + n * H);
    std::fill_n(d + n * H, H, Scalar{0});
  }
}
/// Where mask is 0, the rows of `held` are added to d.
inline void give_back(const Scalar* mask, std::size_t N, std::size_t H, const Scalar* held,
                      Scalar* d) {
  for (std::size_t n = 0; n < N; ++n)
    if (mask[n] == 0)
      for (std::size_t j = 0; j < H; ++j) d[n * H + j] += held[n * H + j];
}

/// Sets rows of steps (T, N, H) to zero up to each sample's first that mask (T, N) lets through.
inline void clear_before_first_step(const Scalar* mask, std::size_t T, std::size_t N, std::size_t H,
                                    Scalar* steps) {
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t t = 0; t < T && mask[t * N + n] == 0; ++t)
      std::fill_n(steps + (t * N + n) * H, H, Scalar{0});
}
/// The same for y (N, T, H), or (N, H) of the last step.
inline void clear_before_first(const Scalar* mask, std::size_t T, std::size_t N, std::size_t H,
                               bool sequences, Scalar* y) {
  for (std::size_t n = 0; n < N; ++n) {
    std::size_t t = 0;
    for (; t < T && mask[t * N + n] == 0; ++t)
      if (sequences) std::fill_n(y + (n * T + t) * H, H, Scalar{0});
    if (!sequences && t == T) std::fill_n(y + n * H, H, Scalar{0});
  }
}

/// out (T, n) = a (T, n) * factors (n,). `out` may be a.
inline void multiply_steps(const Scalar* a, const Scalar* factors, std::size_t T, std::size_t n,
                           Scalar* out) {
  for (std::size_t t = 0; t < T; ++t) kernels::multiply(a + t * n, factors, out + t * n, n);
}

/// sums (H,) += the rows of d, `row` apart.
inline void add_sums(const Scalar* d, std::size_t row, std::size_t rows, std::size_t H,
                     Scalar* sums) {
  for (std::size_t i = 0; i < rows; ++i, d += row)
    for (std::size_t j = 0; j < H; ++j) sums[j] += d[j];
}

inline kernels::GateCell stored_cell(std::size_t N, std::size_t D, std::size_t H,
                                     const GatePointers<const Scalar>& weights, const Scalar* x,
                                     const Scalar* h) {
  kernels::GateCell cell{N, D, H, x, h, {}, {}, {}, weights.row, weights.row};
  std::copy(std::begin(weights.W), std::end(weights.W), cell.W);
  std::copy(std::begin(weights.U), std::end(weights.U), cell.U);
  std::copy(std::begin(weights.b), std::end(weights.b), cell.b);
  return cell;
}

}  // namespace cornu::detail
