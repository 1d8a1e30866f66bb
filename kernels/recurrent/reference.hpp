#pragma once

// Not a public header: the naive twins of the kernels in recurrent.hpp, for tests. They take
// weights as matrices (terms, G H) and sum in double.

#include <cmath>
#include <cstddef>
#include <vector>

#include "cornu/kernels/recurrent/recurrent.hpp"

namespace cornu::kernels::reference {

inline double apply(GateFunction f, double x) {
  switch (f) {
    case GateFunction::linear:
      return x;
    case GateFunction::relu:
      return x > 0 ? x : 0;
    case GateFunction::tanh:
      return std::tanh(x);
    case GateFunction::sigmoid:
      return 1 / (1 + std::exp(-x));
    case GateFunction::hard_sigmoid:
      return std::fmin(std::fmax(0.2 * x + 0.5, 0), 1);
    case GateFunction::softplus:
      return std::log1p(std::exp(x));
    case GateFunction::softsign:
      return x / (1 + std::fabs(x));
  }
  return x;
}

inline double slope(GateFunction f, double y) {
  switch (f) {
    case GateFunction::linear:
      return 1;
    case GateFunction::relu:
      return y > 0 ? 1 : 0;
    case GateFunction::tanh:
      return 1 - y * y;
    case GateFunction::sigmoid:
      return y * (1 - y);
    case GateFunction::hard_sigmoid:
      return y > 0 && y < 1 ? 0.2 : 0;
    case GateFunction::softplus:
      return 1 - std::exp(-y);
    case GateFunction::softsign:
      return (1 - std::fabs(y)) * (1 - std::fabs(y));
  }
  return y;
}

/// z + a U for z (N, M), a (N, K), U (K, M).
inline std::vector<double> sums(std::size_t N, std::size_t M, std::size_t K, const Scalar* z,
                                const Scalar* a, const Scalar* U) {
  std::vector<double> out(N * M);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t m = 0; m < M; ++m) {
      double sum = z[n * M + m];
      for (std::size_t k = 0; k < K; ++k)
        sum += static_cast<double>(a[n * K + k]) * static_cast<double>(U[k * M + m]);
      out[n * M + m] = sum;
    }
  return out;
}

inline void simple_rnn_step(std::size_t N, std::size_t H, const Scalar* z, const Scalar* h_before,
                            const Scalar* U, GateFunction f, Scalar* h) {
  const std::vector<double> s = sums(N, H, H, z, h_before, U);
  for (std::size_t i = 0; i < N * H; ++i) h[i] = static_cast<Scalar>(apply(f, s[i]));
}

inline void lstm_step(std::size_t N, std::size_t H, const Scalar* z, const Scalar* h_before,
                      const Scalar* U, GateFunctions f, const Scalar* c_before, Scalar* gates,
                      Scalar* c, Scalar* h) {
  const std::vector<double> s = sums(N, 4 * H, H, z, h_before, U);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, first = n * 4 * H + j;
      const double in = apply(f.inner, s[first]), forget = apply(f.inner, s[first + H]),
                   candidate = apply(f.outer, s[first + 2 * H]),
                   out = apply(f.inner, s[first + 3 * H]);
      const double state = forget * c_before[at] + in * candidate;
      c[at] = static_cast<Scalar>(state);
      h[at] = static_cast<Scalar>(out * apply(f.outer, state));
      gates[first] = static_cast<Scalar>(in);
      gates[first + H] = static_cast<Scalar>(forget);
      gates[first + 2 * H] = static_cast<Scalar>(candidate);
      gates[first + 3 * H] = static_cast<Scalar>(out);
    }
}

/// z, r and the candidate, whose product is with r h_before.
inline void gru_step(std::size_t N, std::size_t H, const Scalar* z, const Scalar* h_before,
                     const Scalar* U, GateFunctions f, Scalar* gates, Scalar* rh, Scalar* h) {
  const std::vector<double> s = sums(N, 3 * H, H, z, h_before, U);
  for (std::size_t n = 0; n < N; ++n) {
    for (std::size_t j = 0; j < H; ++j) {
      gates[n * 3 * H + j] = static_cast<Scalar>(apply(f.inner, s[n * 3 * H + j]));
      gates[n * 3 * H + H + j] = static_cast<Scalar>(apply(f.inner, s[n * 3 * H + H + j]));
      rh[n * H + j] = gates[n * 3 * H + H + j] * h_before[n * H + j];
    }
    for (std::size_t j = 0; j < H; ++j) {
      double sum = z[n * 3 * H + 2 * H + j];
      for (std::size_t k = 0; k < H; ++k)
        sum += static_cast<double>(rh[n * H + k]) * static_cast<double>(U[k * 3 * H + 2 * H + j]);
      const double candidate = apply(f.outer, sum), update = gates[n * 3 * H + j];
      gates[n * 3 * H + 2 * H + j] = static_cast<Scalar>(candidate);
      h[n * H + j] = static_cast<Scalar>(update * h_before[n * H + j] + (1 - update) * candidate);
    }
  }
}

inline void gru_step_reset_after(std::size_t N, std::size_t H, const Scalar* x, const Scalar* start,
                                 const Scalar* h_before, const Scalar* U, GateFunctions f,
                                 Scalar* gates, Scalar* p, Scalar* h) {
  std::vector<Scalar> starts(N * 3 * H);
  for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = start[i % (3 * H)];
  const std::vector<double> s = sums(N, 3 * H, H, starts.data(), h_before, U);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, first = n * 3 * H + j;
      const double update = apply(f.inner, x[first] + s[first]),
                   reset = apply(f.inner, x[first + H] + s[first + H]),
                   candidate = apply(f.outer, x[first + 2 * H] + reset * s[first + 2 * H]);
      gates[first] = static_cast<Scalar>(update);
      gates[first + H] = static_cast<Scalar>(reset);
      gates[first + 2 * H] = static_cast<Scalar>(candidate);
      p[at] = static_cast<Scalar>(s[first + 2 * H]);
      h[at] = static_cast<Scalar>(update * h_before[at] + (1 - update) * candidate);
    }
}

inline void lstm_step_backward(std::size_t N, std::size_t H, GateFunctions f, const Scalar* gates,
                               const Scalar* c_before, const Scalar* c, const Scalar* dh,
                               const Scalar* dc, Scalar* dz, Scalar* dc_before) {
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, first = n * 4 * H + j;
      const double in = gates[first], forget = gates[first + H], candidate = gates[first + 2 * H],
                   out = gates[first + 3 * H], a = apply(f.outer, c[at]);
      const double d_c = dc[at] + dh[at] * out * slope(f.outer, a);
      dc_before[at] = static_cast<Scalar>(d_c * forget);
      dz[first] = static_cast<Scalar>(d_c * candidate * slope(f.inner, in));
      dz[first + H] = static_cast<Scalar>(d_c * c_before[at] * slope(f.inner, forget));
      dz[first + 2 * H] = static_cast<Scalar>(d_c * in * slope(f.outer, candidate));
      dz[first + 3 * H] = static_cast<Scalar>(dh[at] * a * slope(f.inner, out));
    }
}

inline void gru_candidate_backward(std::size_t N, std::size_t H, GateFunctions f,
                                   const Scalar* gates, const Scalar* h_before, const Scalar* dh,
                                   Scalar* dz, Scalar* dh_before) {
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, first = n * 3 * H + j;
      const double update = gates[first], candidate = gates[first + 2 * H];
      dz[first] = static_cast<Scalar>(dh[at] * (h_before[at] - candidate) * slope(f.inner, update));
      dz[first + 2 * H] = static_cast<Scalar>(dh[at] * (1 - update) * slope(f.outer, candidate));
      dh_before[at] = static_cast<Scalar>(dh_before[at] + dh[at] * update);
    }
}

inline void gru_gates_backward(std::size_t N, std::size_t H, GateFunctions f, const Scalar* gates,
                               const Scalar* h_before, const Scalar* drh, Scalar* dz,
                               Scalar* dh_before) {
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, r = n * 3 * H + H + j;
      dz[r] = static_cast<Scalar>(drh[at] * h_before[at] * slope(f.inner, gates[r]));
      dh_before[at] = static_cast<Scalar>(dh_before[at] + drh[at] * gates[r]);
    }
}

inline void gru_step_reset_after_backward(std::size_t N, std::size_t H, GateFunctions f,
                                          const Scalar* gates, const Scalar* p,
                                          const Scalar* h_before, const Scalar* dh, Scalar* dz,
                                          Scalar* dp, Scalar* dh_before) {
  reference::gru_candidate_backward(N, H, f, gates, h_before, dh, dz, dh_before);
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t j = 0; j < H; ++j) {
      const std::size_t at = n * H + j, r = n * 3 * H + H + j;
      dp[at] = dz[r + H] * gates[r];
      dz[r] =
          static_cast<Scalar>(static_cast<double>(dz[r + H]) * p[at] * slope(f.inner, gates[r]));
    }
}

}  // namespace cornu::kernels::reference
