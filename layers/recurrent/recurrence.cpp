#include "cornu/layers/recurrent/recurrence.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "cornu/layers/keep.hpp"
#include "cornu/layers/recurrent/steps.hpp"

namespace cornu::detail {

namespace slot = recurrent_slots;
using kernels::GateSums;
using kernels::Transpose;

namespace {

/// The sizes of a run.
struct Sizes {
  std::size_t N, T, D, H, G;
  Sizes(const RecurrentRules& rules, const Shape& x)
      : N(x[0]), T(x[1]), D(x[2]), H(rules.units), G(rules.gates.size()) {}
  std::size_t state() const { return N * H; }
  std::size_t step_gates() const { return N * G * H; }
};

/// Where the numbers of each gate are: in an array of its own, or side by side with the others.
template <class Number, class Get>
GatePointers<Number> gate_pointers(const RecurrentRules& rules, const Get& get) {
  GatePointers<Number> at;
  const std::size_t H = rules.units;
  at.row = rules.side_by_side ? rules.gates.size() * H : H;
  for (std::size_t g = 0; g < rules.gates.size(); ++g) {
    const GateSlots& slots = rules.side_by_side ? rules.together : rules.gates[g];
    const auto pointer = [&](ParameterSlot parameter) -> Number* {
      const auto array = get(parameter);
      return array.empty() ? nullptr : array.data() + (rules.side_by_side ? g * H : 0);
    };
    at.W[g] = pointer(slots.W);
    at.U[g] = pointer(slots.U);
    if (rules.bias) at.b[g] = pointer(slots.b);
    if (rules.recurrent_bias) at.c[g] = pointer(slots.c);
  }
  return at;
}

template <class Run>
GatePointers<const Scalar> weights_of(const RecurrentRules& rules, const Run& run) {
  return gate_pointers<const Scalar>(rules, [&](ParameterSlot slot) { return run[slot]; });
}

/// Matrices (terms, H) side by side, (terms, G H).
void lie_side_by_side(const Scalar* const* matrices, std::size_t row, std::size_t terms,
                      std::size_t G, std::size_t H, Scalar* out) {
  for (std::size_t l = 0; l < terms; ++l)
    for (std::size_t g = 0; g < G; ++g, out += H)
      if (matrices[g])
        std::copy_n(matrices[g] + l * row, H, out);
      else
        std::fill_n(out, H, Scalar{0});
}

/// All gates' U as the cell asks for them.
void pack_U(const Cell& cell, const GatePointers<const Scalar>& weights, std::size_t H,
            bool transposed, Scalar* out) {
  std::size_t first = 0;
  for (const std::size_t count : cell.packs(transposed)) {
    if (transposed)
      kernels::pack_gates_transposed(weights.U + first, weights.row, count, H, out);
    else
      kernels::pack_gates(weights.U + first, weights.row, H, count, H, out);
    out += kernels::packed_gates_size(H, count, H);
    first += count;
  }
}

/// The masks of dropout: a number for each unit, sample and gate, or the same for all gates where
/// they share one matrix.
void draw_gates_keep(double p, const RecurrentRules& rules, RandomStream& random, Array keep) {
  const std::size_t gates = rules.gates.size(), numbers = keep.size() / gates;
  if (!rules.side_by_side) return draw_keep(p, random, keep);
  draw_keep(p, random, keep.first(numbers));
  for (std::size_t g = 1; g < gates; ++g) std::copy_n(keep.data(), numbers, &keep[g * numbers]);
}

/// z = x W + b of all steps and gates. With dropout_W each gate sees an x of its own.
void input_products(const RecurrentRules& rules, const Sizes& s, const Forward& run,
                    const GatePointers<const Scalar>& weights, const Scalar* x, Scalar* z) {
  const std::size_t rows = s.T * s.N, GH = s.G * s.H;
  Scalar* const b = run[slot::b].data();
  lie_side_by_side(weights.b, 0, 1, s.G, s.H, b);
  if (const Array keep = run[slot::drop_W]; !keep.empty() && run.training) {
    kernels::fill_rows(b, z, rows, GH);
    Scalar* const dropped = run[slot::dropped].data();
    for (std::size_t g = 0; g < s.G; ++g) {
      multiply_steps(x, keep.data() + g * s.N * s.D, s.T, s.N * s.D, dropped);
      kernels::gemm(Transpose::no, Transpose::no, rows, s.H, s.D, 1, dropped, s.D, weights.W[g],
                    weights.row, 1, z + g * s.H, GH);
    }
    return;
  }
  const Scalar* W = weights.W[0];
  if (!rules.side_by_side && s.G > 1) {
    lie_side_by_side(weights.W, weights.row, s.D, s.G, s.H, run[slot::W].data());
    W = run[slot::W].data();
  }
  kernels::affine(rows, GH, s.D, x, W, b, z);
}

}  // namespace

GateSums CellForward::sums_of(std::size_t first, std::size_t count, const Scalar* a,
                              const Scalar* packed) const {
  const std::size_t GH = rules.gates.size() * units;
  Scalar* const z = gates + first * units;
  if (drop_U == nullptr) return {samples, units, z, GH, a, units, units, packed};
  for (std::size_t g = first; g < first + count; ++g) {
    kernels::multiply(a, drop_U + g * samples * units, dropped, samples * units);
    kernels::gemm(Transpose::no, Transpose::no, samples, units, units, 1, dropped, units,
                  weights.U[g], weights.row, 1, gates + g * units, GH);
  }
  return {samples, units, z, GH, a, units, 0, packed};
}

void CellBackward::add_through_U(std::size_t first, std::size_t count, const Scalar* d,
                                 std::size_t row, const Scalar* packed, Scalar* da) const {
  if (drop_U == nullptr)
    return kernels::transposed_gates_product(samples, units, count, d, row, packed, da);
  for (std::size_t g = 0; g < count; ++g) {
    kernels::gemm(Transpose::no, Transpose::yes, samples, units, units, 1, d + g * units, row,
                  weights.U[first + g], weights.row, 0, dropped, units);
    kernels::multiply(dropped, drop_U + (first + g) * samples * units, dropped, samples * units);
    kernels::add(da, dropped, da, samples * units);
  }
}

Shape build_recurrence(const Layer& layer, const RecurrentRules& rules, const Shape& input,
                       Builder& builder) {
  const std::size_t T = input[0], D = input[1], H = rules.units, G = rules.gates.size();
  if (T == 0) throw ShapeError(layer.place(), "expected at least one time step, got none");
  const std::size_t GH = G * H, packed = kernels::packed_gates_size(H, G, H);
  const bool drops = rules.dropout_W > 0 || rules.dropout_U > 0;
  // A stream carries on what is fresh at every batch otherwise.
  if (rules.stateful || builder.step_by_step()) {
    builder.carried(slot::carried_h, H);
    if (rules.has_cell_state) builder.carried(slot::carried_c, H);
  }
  builder.cache(slot::x, T * D, 0, Kept::always);
  builder.cache(slot::mask, T, 0, Kept::always);
  builder.cache(slot::gates, T * GH, 0, Kept::always);
  if (rules.keeps_sums) builder.cache(slot::sums, T * GH, 0, Kept::always);
  builder.cache(slot::h, (T + 1) * H, 0, Kept::always);
  if (rules.has_cell_state) builder.cache(slot::c, (T + 1) * H, 0, Kept::always);
  if (rules.has_inner) builder.cache(slot::inner, T * H, 0, Kept::always);
  if (rules.dropout_W > 0) builder.cache(slot::drop_W, G * D);
  if (rules.dropout_U > 0) builder.cache(slot::drop_U, G * H);

  builder.workspace(slot::W, 0, D * GH);
  builder.workspace(slot::b, 0, GH);
  if (rules.recurrent_bias) builder.workspace(slot::c_row, 0, GH);
  builder.workspace(slot::U, 0, packed);
  if (drops) builder.workspace(slot::dropped, T * std::max(D, H));
  builder.workspace(slot::dz, T * GH);
  if (rules.recurrent_bias) builder.workspace(slot::dp, T * H);
  builder.workspace(slot::dh, (T + 1) * H);
  if (rules.has_cell_state) builder.workspace(slot::dc, 2 * H);
  builder.workspace(slot::held, 2 * H);
  builder.workspace(slot::inside, 2 * H);
  builder.workspace(slot::dx, T * D);
  return rules.return_sequences ? Shape{T, H} : Shape{H};
}

void run_recurrence(const RecurrentRules& rules, const Cell& cell, const Forward& run) {
  const Sizes s(rules, run.x().shape);
  const GatePointers<const Scalar> weights = weights_of(rules, run);
  Scalar *const x = run[slot::x].data(), *const h = run[slot::h].data();
  Scalar *const c = run[slot::c].data(), *const gates = run[slot::gates].data();
  Scalar* const sums = rules.keeps_sums ? run[slot::sums].data() : gates;
  RandomStream random = run.random;
  const Scalar *drop_U = nullptr, *mask = nullptr;

  to_steps(run.x(), rules.go_backwards, x);
  begin_with(run[slot::carried_h], s.state(), h);
  if (c) begin_with(run[slot::carried_c], s.state(), c);
  if (const ConstArray given = run.mask(); !given.empty()) {
    to_steps({given.data(), Shape{s.N, s.T, 1}}, rules.go_backwards, run[slot::mask].data());
    mask = run[slot::mask].data();
  }
  if (run.training && rules.dropout_W > 0)
    draw_gates_keep(rules.dropout_W, rules, random, run[slot::drop_W]);
  if (run.training && rules.dropout_U > 0) {
    draw_gates_keep(rules.dropout_U, rules, random, run[slot::drop_U]);
    drop_U = run[slot::drop_U].data();
  }
  if (rules.recurrent_bias) lie_side_by_side(weights.c, 0, 1, s.G, s.H, run[slot::c_row].data());

  const auto step = [&](std::size_t t) {
    const std::size_t state = s.state();
    return CellForward{rules,
                       s.N,
                       s.H,
                       h + t * state,
                       c ? c + t * state : nullptr,
                       h + (t + 1) * state,
                       c ? c + (t + 1) * state : nullptr,
                       gates + t * s.step_gates(),
                       sums + t * s.step_gates(),
                       rules.has_inner ? run[slot::inner].data() + t * state : nullptr,
                       run[slot::inside].data(),
                       run[slot::c_row].data(),
                       run[slot::U].data(),
                       weights,
                       drop_U,
                       run[slot::dropped].data()};
  };

  // At a masked step the states stay.
  const auto hold_masked = [&](std::size_t t) {
    if (!mask) return;
    hold(mask + t * s.N, h + t * s.state(), s.N, s.H, h + (t + 1) * s.state());
    if (c) hold(mask + t * s.N, c + t * s.state(), s.N, s.H, c + (t + 1) * s.state());
  };
  const kernels::GateCell stored = stored_cell(s.N, s.D, s.H, weights, x, h);
  const bool few = !run.training && s.T == 1 && s.N <= 8;
  if (few && cell.whole_step(stored, step(0))) {
    hold_masked(0);
  } else {
    // z_t = x_t W + b for all t
    input_products(rules, s, run, weights, x, gates);
    pack_U(cell, weights, s.H, false, run[slot::U].data());
    for (std::size_t t = 0; t < s.T; ++t) {
      cell.forward(step(t));
      hold_masked(t);
    }
  }
  write_outputs(h + s.state(), s.T, s.N, s.H, rules.return_sequences, run.y.data);
  // What a stateful layer remembers of the batches before is not shown until a step is not masked.
  if (mask && rules.stateful && !run.step_by_step)
    clear_before_first(mask, s.T, s.N, s.H, rules.return_sequences, run.y.data);
}

void run_recurrence_backward(const RecurrentRules& rules, const Cell& cell, const Backward& run) {
  const Sizes s(rules, run.inputs[0].shape);
  const GatePointers<const Scalar> weights = weights_of(rules, run);
  const GatePointers<Scalar> gradients = gate_pointers<Scalar>(
      rules, [&](ParameterSlot parameter) { return run.gradient(parameter); });
  const Scalar *const x = run[slot::x].data(), *const h = run[slot::h].data();
  const Scalar *const c = run[slot::c].data(), *const gates = run[slot::gates].data();
  const Scalar* const sums = rules.keeps_sums ? run[slot::sums].data() : nullptr;
  const Scalar* const inner = run[slot::inner].data();
  const Scalar* const drop_W = run[slot::drop_W].data();
  const Scalar* const drop_U = run[slot::drop_U].data();
  const Scalar* const mask = run.mask().empty() ? nullptr : run[slot::mask].data();
  Scalar *const dz = run[slot::dz].data(), *const dp = run[slot::dp].data();
  Scalar *const dh = run[slot::dh].data(), *const dc = run[slot::dc].data();
  Scalar *const held = run[slot::held].data(), *const inside = run[slot::inside].data();
  Scalar* const dropped = run[slot::dropped].data();
  const std::size_t state = s.state(), GH = s.G * s.H, rows = s.T * s.N;

  // dL/dh_t, so far by the outputs alone
  read_output_gradients(run.dy.data, s.T, s.N, s.H, rules.return_sequences, dh);
  if (mask && rules.stateful) clear_before_first_step(mask, s.T, s.N, s.H, dh + state);
  if (c) std::fill_n(dc, 2 * state, Scalar{0});
  pack_U(cell, weights, s.H, true, run[slot::U].data());

  for (std::size_t t = s.T; t-- > 0;) {
    Scalar* const dc_after = c ? dc + (t + 1) % 2 * state : nullptr;
    Scalar* const dc_before = c ? dc + t % 2 * state : nullptr;
    // A masked step hands h and c on, and so their gradients back.
    if (mask) take(mask + t * s.N, s.N, s.H, dh + (t + 1) * state, held);
    if (mask && c) take(mask + t * s.N, s.N, s.H, dc_after, held + state);
    cell.backward({rules,
                   s.N,
                   s.H,
                   h + t * state,
                   c ? c + t * state : nullptr,
                   c ? c + (t + 1) * state : nullptr,
                   gates + t * s.step_gates(),
                   sums ? sums + t * s.step_gates() : nullptr,
                   rules.has_inner ? inner + t * state : nullptr,
                   dh + (t + 1) * state,
                   dc_after,
                   dh + t * state,
                   dc_before,
                   dz + t * s.step_gates(),
                   dp ? dp + t * state : nullptr,
                   inside,
                   inside + state,
                   run[slot::U].data(),
                   weights,
                   drop_U,
                   dropped});
    if (mask) give_back(mask + t * s.N, s.N, s.H, held, dh + t * state);
    if (mask && c) give_back(mask + t * s.N, s.N, s.H, held + state, dc_before);
  }

  for (std::size_t g = 0; g < s.G; ++g) {
    const Scalar* const dz_g = dz + g * s.H;
    // The product with U is of h before the step, for the last gate of a GRU of r h; and with
    // reset_after its own gradient is dp.
    const bool last = rules.has_inner && g + 1 == s.G;
    const Scalar* a = last && !rules.recurrent_bias ? inner : h;
    const Scalar* const d = last && dp ? dp : dz_g;
    const std::size_t d_row = last && dp ? s.H : GH;
    // dU += Σ over the steps of aᵀ d
    if (gradients.U[g]) {
      if (drop_U) {
        multiply_steps(a, drop_U + g * state, s.T, state, dropped);
        a = dropped;
      }
      kernels::gemm(Transpose::yes, Transpose::no, s.H, s.H, rows, 1, a, s.H, d, d_row, 1,
                    gradients.U[g], gradients.row);
    }
    // dc += Σ d
    if (gradients.c[g]) add_sums(d, d_row, rows, s.H, gradients.c[g]);
    // dW += Σ over the steps of xᵀ dz,  db += Σ dz
    if (gradients.W[g]) {
      const Scalar* x_g = x;
      if (drop_W) {
        multiply_steps(x, drop_W + g * s.N * s.D, s.T, s.N * s.D, dropped);
        x_g = dropped;
      }
      kernels::gemm(Transpose::yes, Transpose::no, s.D, s.H, rows, 1, x_g, s.D, dz_g, GH, 1,
                    gradients.W[g], gradients.row);
    }
    if (gradients.b[g]) add_sums(dz_g, GH, rows, s.H, gradients.b[g]);
  }

  // dx = dz Wᵀ of all steps
  if (!run.dx()) return;
  Scalar* const dx = run[slot::dx].data();
  if (drop_W) {
    std::fill_n(dx, rows * s.D, Scalar{0});
    for (std::size_t g = 0; g < s.G; ++g) {
      kernels::gemm(Transpose::no, Transpose::yes, rows, s.D, s.H, 1, dz + g * s.H, GH,
                    weights.W[g], weights.row, 0, dropped, s.D);
      multiply_steps(dropped, drop_W + g * s.N * s.D, s.T, s.N * s.D, dropped);
      kernels::add(dx, dropped, dx, rows * s.D);
    }
  } else {
    const Scalar* W = weights.W[0];
    if (!rules.side_by_side && s.G > 1) {
      lie_side_by_side(weights.W, weights.row, s.D, s.G, s.H, run[slot::W].data());
      W = run[slot::W].data();
    }
    kernels::gemm(Transpose::no, Transpose::yes, rows, s.D, GH, 1, dz, GH, W, GH, 0, dx, s.D);
  }
  from_steps(dx, rules.go_backwards, run.dx());
}

void update_recurrence(const Update& run) {
  // The last (N, H) of (T + 1, N, H)
  const auto move_on = [](Array carried, Array steps) {
    std::copy(steps.end() - static_cast<std::ptrdiff_t>(carried.size()), steps.end(),
              carried.begin());
  };
  if (const Array h = run[slot::carried_h]; !h.empty()) move_on(h, run[slot::h]);
  if (const Array c = run[slot::carried_c]; !c.empty()) move_on(c, run[slot::c]);
}

}  // namespace cornu::detail
