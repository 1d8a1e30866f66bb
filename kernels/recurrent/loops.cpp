#include "cornu/core/loops.hpp"
#include "cornu/kernels/recurrent/recurrent.hpp"
#include "cornu/kernels/recurrent/tiles.inc"

namespace cornu::kernels {

namespace recurrent {

/// Of the units [first, last), which begin with whole vectors; backward of the samples.
struct Table {
  std::size_t width;  ///< of a strip of packed weights
  void (*gates_product)(const GateSums& sums, std::size_t gates, std::size_t first,
                        std::size_t last, Scalar* out, std::size_t out_row);
  void (*simple_rnn_step)(const GateSums& sums, GateFunction f, std::size_t first, std::size_t last,
                          Scalar* h);
  void (*lstm_step)(const GateSums& sums, GateFunctions functions, std::size_t first,
                    std::size_t last, const Scalar* c_before, Scalar* gates, Scalar* c, Scalar* h);
  void (*gru_gates)(const GateSums& sums, GateFunctions functions, std::size_t first,
                    std::size_t last, const Scalar* h_before, Scalar* gates, Scalar* rh);
  void (*gru_candidate)(const GateSums& sums, GateFunctions functions, std::size_t first,
                        std::size_t last, const Scalar* h_before, Scalar* gates, Scalar* h);
  void (*gru_step_reset_after)(const GateSums& sums, GateFunctions functions, std::size_t first,
                               std::size_t last, const Scalar* x, const Scalar* h_before,
                               Scalar* gates, Scalar* p, Scalar* h);
  decltype(&kernels::lstm_step_backward) lstm_step_backward;
  decltype(&kernels::gru_candidate_backward) gru_candidate_backward;
  decltype(&kernels::gru_gates_backward) gru_gates_backward;
  decltype(&kernels::gru_step_reset_after_backward) gru_step_reset_after_backward;
  decltype(&kernels::simple_rnn_cell) simple_rnn_cell;
  decltype(&kernels::lstm_cell) lstm_cell;
  decltype(&kernels::gru_cell) gru_cell;
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace recurrent

namespace loops {
namespace {

template <size_t gates>
void store_sums(const GateSums& sums, size_t first, size_t last, Scalar* out, size_t out_row) {
  const size_t units = sums.units;
  for_tiles<gates>(PackedSums{sums}, sums.samples, first, last,
                   [=](size_t n, size_t j, auto strip, const Vector(&sum)[gates]) {
#pragma GCC unroll 4
                     for (size_t g = 0; g < gates; ++g)
                       strip.store(out + n * out_row + g * units + j, 0, sum[g]);
                   });
}

void gates_product(const GateSums& sums, size_t gates, size_t first, size_t last, Scalar* out,
                   size_t out_row) {
  switch (gates) {
    case 1:
      return store_sums<1>(sums, first, last, out, out_row);
    case 2:
      return store_sums<2>(sums, first, last, out, out_row);
    case 3:
      return store_sums<3>(sums, first, last, out, out_row);
    default:
      return store_sums<4>(sums, first, last, out, out_row);
  }
}

// ---- forward

template <class Sums>
inline void simple_rnn(const Sums& source, size_t samples, size_t units, GateFunction f,
                       size_t first, size_t last, Scalar* h) {
  for_tiles<1>(source, samples, first, last,
               [=](size_t n, size_t j, auto strip, const Vector(&sum)[1]) {
                 strip.store(h + n * units + j, 0, apply(f, sum[0]));
               });
}
void simple_rnn_step(const GateSums& sums, GateFunction f, size_t first, size_t last, Scalar* h) {
  simple_rnn(PackedSums{sums}, sums.samples, sums.units, f, first, last, h);
}
void simple_rnn_cell(const GateCell& cell, GateFunction f, Scalar* h) {
  simple_rnn(CellSums{cell, cell.h, 0}, cell.samples, cell.units, f, 0, cell.units, h);
}

template <class Sums>
inline void lstm(const Sums& source, size_t samples, size_t units, GateFunctions f, size_t first,
                 size_t last, const Scalar* c_before, Scalar* gates, Scalar* c, Scalar* h) {
  for_tiles<4>(source, samples, first, last,
               [=](size_t n, size_t j, auto strip, const Vector(&sum)[4]) {
                 const size_t at = n * units + j;
                 const Vector in = apply(f.inner, sum[0]), forget = apply(f.inner, sum[1]),
                              candidate = apply(f.outer, sum[2]), out = apply(f.inner, sum[3]);
                 const Vector state = forget * strip.load(c_before + at, 0) + in * candidate;
                 strip.store(c + at, 0, state);
                 strip.store(h + at, 0, out * apply(f.outer, state));
                 if (!gates) return;
                 Scalar* const kept = gates + n * 4 * units + j;
                 strip.store(kept, 0, in);
                 strip.store(kept + units, 0, forget);
                 strip.store(kept + 2 * units, 0, candidate);
                 strip.store(kept + 3 * units, 0, out);
               });
}
void lstm_step(const GateSums& sums, GateFunctions functions, size_t first, size_t last,
               const Scalar* c_before, Scalar* gates, Scalar* c, Scalar* h) {
  lstm(PackedSums{sums}, sums.samples, sums.units, functions, first, last, c_before, gates, c, h);
}
void lstm_cell(const GateCell& cell, GateFunctions functions, const Scalar* c_before, Scalar* c,
               Scalar* h) {
  lstm(CellSums{cell, cell.h, 0}, cell.samples, cell.units, functions, 0, cell.units, c_before,
       nullptr, c, h);
}

template <class Sums>
inline void update_and_reset(const Sums& source, size_t samples, size_t units, GateFunctions f,
                             size_t first, size_t last, const Scalar* h_before, Scalar* gates,
                             Scalar* rh) {
  for_tiles<2>(source, samples, first, last,
               [=](size_t n, size_t j, auto strip, const Vector(&sum)[2]) {
                 const size_t at = n * units + j;
                 const Vector reset = apply(f.inner, sum[1]);
                 strip.store(gates + n * 3 * units + j, 0, apply(f.inner, sum[0]));
                 strip.store(gates + n * 3 * units + units + j, 0, reset);
                 strip.store(rh + at, 0, reset * strip.load(h_before + at, 0));
               });
}
template <class Sums>
inline void candidate(const Sums& source, size_t samples, size_t units, GateFunctions f,
                      size_t first, size_t last, const Scalar* h_before, Scalar* gates, Scalar* h) {
  for_tiles<1>(
      source, samples, first, last, [=](size_t n, size_t j, auto strip, const Vector(&sum)[1]) {
        const size_t at = n * units + j;
        Scalar* const kept = gates + n * 3 * units + j;
        const Vector update = strip.load(kept, 0), fresh = apply(f.outer, sum[0]);
        strip.store(kept + 2 * units, 0, fresh);
        strip.store(h + at, 0, update * strip.load(h_before + at, 0) + (1 - update) * fresh);
      });
}
void gru_gates(const GateSums& sums, GateFunctions functions, size_t first, size_t last,
               const Scalar* h_before, Scalar* gates, Scalar* rh) {
  update_and_reset(PackedSums{sums}, sums.samples, sums.units, functions, first, last, h_before,
                   gates, rh);
}
void gru_candidate(const GateSums& sums, GateFunctions functions, size_t first, size_t last,
                   const Scalar* h_before, Scalar* gates, Scalar* h) {
  candidate(PackedSums{sums}, sums.samples, sums.units, functions, first, last, h_before, gates, h);
}
void gru_cell(const GateCell& cell, GateFunctions functions, Scalar* gates, Scalar* rh, Scalar* h) {
  const size_t N = cell.samples, H = cell.units;
  update_and_reset(CellSums{cell, cell.h, 0}, N, H, functions, 0, H, cell.h, gates, rh);
  candidate(CellSums{cell, rh, 2}, N, H, functions, 0, H, cell.h, gates, h);
}

void gru_step_reset_after(const GateSums& sums, GateFunctions f, size_t first, size_t last,
                          const Scalar* x, const Scalar* h_before, Scalar* gates, Scalar* p,
                          Scalar* h) {
  const size_t units = sums.units;
  for_tiles<3>(
      PackedSums{sums}, sums.samples, first, last,
      [=](size_t n, size_t j, auto strip, const Vector(&sum)[3]) {
        const size_t at = n * units + j, first_gate = n * 3 * units + j;
        const Vector update = apply(f.inner, strip.load(x + first_gate, 0) + sum[0]);
        const Vector reset = apply(f.inner, strip.load(x + first_gate + units, 0) + sum[1]);
        const Vector fresh =
            apply(f.outer, strip.load(x + first_gate + 2 * units, 0) + reset * sum[2]);
        strip.store(gates + first_gate, 0, update);
        strip.store(gates + first_gate + units, 0, reset);
        strip.store(gates + first_gate + 2 * units, 0, fresh);
        strip.store(p + at, 0, sum[2]);
        strip.store(h + at, 0, update * strip.load(h_before + at, 0) + (1 - update) * fresh);
      });
}

// ---- backward

/// body(sample, unit, strip) for vectors of all units of all samples.
template <class Body>
inline void for_units(size_t samples, size_t units, const Body& body) {
  for (size_t n = 0; n < samples; ++n)
    for_strips<WholeStrip<1>>(0, units, [&](size_t j, auto strip) { body(n, j, strip); });
}

void lstm_step_backward(size_t samples, size_t units, GateFunctions f, const Scalar* gates,
                        const Scalar* c_before, const Scalar* c, const Scalar* dh, const Scalar* dc,
                        Scalar* dz, Scalar* dc_before) {
  for_units(samples, units, [=](size_t n, size_t j, auto strip) {
    const size_t at = n * units + j, first = n * 4 * units + j;
    const Vector in = strip.load(gates + first, 0), forget = strip.load(gates + first + units, 0),
                 candidate = strip.load(gates + first + 2 * units, 0),
                 out = strip.load(gates + first + 3 * units, 0);
    const Vector a = apply(f.outer, strip.load(c + at, 0)), d_h = strip.load(dh + at, 0);
    // h = o a(c)
    const Vector d_out = d_h * a;
    const Vector d_c = strip.load(dc + at, 0) + d_h * out * slope(f.outer, a);
    // c = f c_before + i g
    strip.store(dc_before + at, 0, d_c * forget);
    strip.store(dz + first, 0, d_c * candidate * slope(f.inner, in));
    strip.store(dz + first + units, 0, d_c * strip.load(c_before + at, 0) * slope(f.inner, forget));
    strip.store(dz + first + 2 * units, 0, d_c * in * slope(f.outer, candidate));
    strip.store(dz + first + 3 * units, 0, d_out * slope(f.inner, out));
  });
}

void gru_candidate_backward(size_t samples, size_t units, GateFunctions f, const Scalar* gates,
                            const Scalar* h_before, const Scalar* dh, Scalar* dz,
                            Scalar* dh_before) {
  for_units(samples, units, [=](size_t n, size_t j, auto strip) {
    const size_t at = n * units + j, first = n * 3 * units + j;
    const Vector update = strip.load(gates + first, 0),
                 fresh = strip.load(gates + first + 2 * units, 0), d_h = strip.load(dh + at, 0);
    // h = z h_before + (1 - z) candidate
    strip.store(dz + first, 0,
                d_h * (strip.load(h_before + at, 0) - fresh) * slope(f.inner, update));
    strip.store(dz + first + 2 * units, 0, d_h * (1 - update) * slope(f.outer, fresh));
    strip.store(dh_before + at, 0, strip.load(dh_before + at, 0) + d_h * update);
  });
}

void gru_gates_backward(size_t samples, size_t units, GateFunctions f, const Scalar* gates,
                        const Scalar* h_before, const Scalar* drh, Scalar* dz, Scalar* dh_before) {
  for_units(samples, units, [=](size_t n, size_t j, auto strip) {
    const size_t at = n * units + j, r = n * 3 * units + units + j;
    const Vector reset = strip.load(gates + r, 0), d_rh = strip.load(drh + at, 0);
    strip.store(dz + r, 0, d_rh * strip.load(h_before + at, 0) * slope(f.inner, reset));
    strip.store(dh_before + at, 0, strip.load(dh_before + at, 0) + d_rh * reset);
  });
}

void gru_step_reset_after_backward(size_t samples, size_t units, GateFunctions f,
                                   const Scalar* gates, const Scalar* p, const Scalar* h_before,
                                   const Scalar* dh, Scalar* dz, Scalar* dp, Scalar* dh_before) {
  loops::gru_candidate_backward(samples, units, f, gates, h_before, dh, dz, dh_before);
  for_units(samples, units, [=](size_t n, size_t j, auto strip) {
    const size_t at = n * units + j, r = n * 3 * units + units + j;
    // candidate = f(x_h + r p)
    const Vector reset = strip.load(gates + r, 0), d_sum = strip.load(dz + r + units, 0);
    strip.store(dz + r, 0, d_sum * strip.load(p + at, 0) * slope(f.inner, reset));
    strip.store(dp + at, 0, d_sum * reset);
  });
}

}  // namespace
}  // namespace loops

const recurrent::Table recurrent::CORNU_LOOPS = {
    .width = loops::vector_width,
    .gates_product = loops::gates_product,
    .simple_rnn_step = loops::simple_rnn_step,
    .lstm_step = loops::lstm_step,
    .gru_gates = loops::gru_gates,
    .gru_candidate = loops::gru_candidate,
    .gru_step_reset_after = loops::gru_step_reset_after,
    .lstm_step_backward = loops::lstm_step_backward,
    .gru_candidate_backward = loops::gru_candidate_backward,
    .gru_gates_backward = loops::gru_gates_backward,
    .gru_step_reset_after_backward = loops::gru_step_reset_after_backward,
    .simple_rnn_cell = loops::simple_rnn_cell,
    .lstm_cell = loops::lstm_cell,
    .gru_cell = loops::gru_cell,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include <algorithm>

#include "cornu/core/parallel.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu::kernels {
namespace recurrent {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace recurrent

namespace {

using recurrent::table;

/// The multiplications that are worth a second thread: some 10 microseconds.
constexpr std::size_t least_recurrent_work = std::size_t{1} << 20;

/// kernel(first, last) over shares of the units, which do not depend on each other.
template <class Kernel>
void share_units(const GateSums& sums, std::size_t gates, const Kernel& kernel) {
  const std::size_t work = sums.samples * sums.terms * gates * sums.units;
  const std::size_t parts = cornu::detail::parts_of(work, least_recurrent_work);
  if (parts == 1) return kernel(std::size_t{0}, sums.units);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] =
        cornu::detail::share_of(sums.units, 64 / sizeof(Scalar), part, parts);
    if (first != last) kernel(first, last);
  });
}

/// Where the number of a gate's matrix is packed: strips of columns, in them the terms, in them the
/// gates.
template <class Element>
void pack_strips(std::size_t terms, std::size_t gates, std::size_t units, Scalar* packed,
                 const Element& element) {
  const std::size_t width = table().width;
  for (std::size_t j = 0; j < units; j += width)
    for (std::size_t l = 0; l < terms; ++l)
      for (std::size_t g = 0; g < gates; ++g, packed += width) {
        const std::size_t columns = std::min(width, units - j);
        for (std::size_t k = 0; k < columns; ++k) packed[k] = element(l, g, j + k);
        std::fill(packed + columns, packed + width, Scalar{0});
      }
}

/// A single matrix is cut into blocks of columns, which the tiles take for gates side by side.
std::size_t blocks_of(std::size_t units) {
  const std::size_t width = table().width;
  return units % (4 * width) == 0 ? 4 : units % (2 * width) == 0 ? 2 : 1;
}

}  // namespace

std::size_t packed_gates_size(std::size_t terms, std::size_t gates, std::size_t units) {
  return terms * gates * aligned_size(units);
}

void pack_gates(const Scalar* const* matrices, std::size_t row, std::size_t terms,
                std::size_t gates, std::size_t units, Scalar* packed) {
  pack_strips(terms, gates, units, packed, [=](std::size_t l, std::size_t g, std::size_t j) {
    return matrices[g][l * row + j];
  });
}

void pack_gates_transposed(const Scalar* const* matrices, std::size_t row, std::size_t gates,
                           std::size_t units, Scalar* packed) {
  const std::size_t blocks = blocks_of(units), columns = units / blocks;
  pack_strips(gates * units, blocks, columns, packed,
              [=](std::size_t l, std::size_t block, std::size_t j) {
                return matrices[l / units][(block * columns + j) * row + l % units];
              });
}

void transposed_gates_product(std::size_t samples, std::size_t units, std::size_t gates,
                              const Scalar* dz, std::size_t dz_row, const Scalar* packed,
                              Scalar* out) {
  const std::size_t blocks = blocks_of(units);
  gates_product({samples, units / blocks, out, units, dz, dz_row, gates * units, packed}, blocks,
                out, units);
}

void gates_product(const GateSums& sums, std::size_t gates, Scalar* out, std::size_t out_row) {
  share_units(sums, gates, [&](std::size_t first, std::size_t last) {
    table().gates_product(sums, gates, first, last, out, out_row);
  });
}
void simple_rnn_step(const GateSums& sums, GateFunction f, Scalar* h) {
  share_units(sums, 1, [&](std::size_t first, std::size_t last) {
    table().simple_rnn_step(sums, f, first, last, h);
  });
}
void lstm_step(const GateSums& sums, GateFunctions functions, const Scalar* c_before, Scalar* gates,
               Scalar* c, Scalar* h) {
  share_units(sums, 4, [&](std::size_t first, std::size_t last) {
    table().lstm_step(sums, functions, first, last, c_before, gates, c, h);
  });
}
void gru_gates(const GateSums& sums, GateFunctions functions, const Scalar* h_before, Scalar* gates,
               Scalar* rh) {
  share_units(sums, 2, [&](std::size_t first, std::size_t last) {
    table().gru_gates(sums, functions, first, last, h_before, gates, rh);
  });
}
void gru_candidate(const GateSums& sums, GateFunctions functions, const Scalar* h_before,
                   Scalar* gates, Scalar* h) {
  share_units(sums, 1, [&](std::size_t first, std::size_t last) {
    table().gru_candidate(sums, functions, first, last, h_before, gates, h);
  });
}
void gru_step_reset_after(const GateSums& sums, GateFunctions functions, const Scalar* x,
                          const Scalar* h_before, Scalar* gates, Scalar* p, Scalar* h) {
  share_units(sums, 3, [&](std::size_t first, std::size_t last) {
    table().gru_step_reset_after(sums, functions, first, last, x, h_before, gates, p, h);
  });
}
void lstm_step_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                        const Scalar* gates, const Scalar* c_before, const Scalar* c,
                        const Scalar* dh, const Scalar* dc, Scalar* dz, Scalar* dc_before) {
  table().lstm_step_backward(samples, units, functions, gates, c_before, c, dh, dc, dz, dc_before);
}
void gru_candidate_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                            const Scalar* gates, const Scalar* h_before, const Scalar* dh,
                            Scalar* dz, Scalar* dh_before) {
  table().gru_candidate_backward(samples, units, functions, gates, h_before, dh, dz, dh_before);
}
void gru_gates_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                        const Scalar* gates, const Scalar* h_before, const Scalar* drh, Scalar* dz,
                        Scalar* dh_before) {
  table().gru_gates_backward(samples, units, functions, gates, h_before, drh, dz, dh_before);
}
void gru_step_reset_after_backward(std::size_t samples, std::size_t units, GateFunctions functions,
                                   const Scalar* gates, const Scalar* p, const Scalar* h_before,
                                   const Scalar* dh, Scalar* dz, Scalar* dp, Scalar* dh_before) {
  table().gru_step_reset_after_backward(samples, units, functions, gates, p, h_before, dh, dz, dp,
                                        dh_before);
}
void simple_rnn_cell(const GateCell& cell, GateFunction f, Scalar* h) {
  table().simple_rnn_cell(cell, f, h);
}
void lstm_cell(const GateCell& cell, GateFunctions functions, const Scalar* c_before, Scalar* c,
               Scalar* h) {
  table().lstm_cell(cell, functions, c_before, c, h);
}
void gru_cell(const GateCell& cell, GateFunctions functions, Scalar* gates, Scalar* rh, Scalar* h) {
  table().gru_cell(cell, functions, gates, rh, h);
}

}  // namespace cornu::kernels
#endif  // CORNU_DOORS
