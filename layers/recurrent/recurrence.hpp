#pragma once

// Not a public header: what the recurrent layers have in common. A layer says what its gates are
// called and what one step computes (a Cell); here stands what is done around the steps: their
// order, the product of all inputs at once, masks, dropout, states that go on.

#include <optional>
#include <span>

#include "cornu/kernels/recurrent/recurrent.hpp"
#include "cornu/layers/recurrent/gate_slots.hpp"

namespace cornu::detail {

/// The options of a recurrent layer, as far as they are common.
struct RecurrentRules {
  std::size_t units = 0;
  std::span<const GateSlots> gates;  ///< in the order of the kernels
  GateSlots together;                ///< of all gates side by side, for consume_less = "gpu"
  bool side_by_side = false;
  bool bias = true;
  bool recurrent_bias = false;  ///< there is a c
  bool has_cell_state = false;  ///< LSTM's c
  bool has_inner = false;       ///< GRU's r h or p
  bool return_sequences = false, go_backwards = false, stateful = false;
  double dropout_W = 0, dropout_U = 0;
  bool keeps_sums = false;  ///< an activation's backward reads what went in
};

/// Weights as they are stored, or their gradients: a pointer a gate, null for what there is not.
template <class Number>
struct GatePointers {
  Number *W[4] = {}, *U[4] = {}, *b[4] = {}, *c[4] = {};
  std::size_t row = 0;  ///< from one row of W or U to the next
};

/// One step of a run, all arrays (N, H) unless said otherwise.
struct CellForward {
  const RecurrentRules& rules;
  std::size_t samples, units;
  const Scalar *h_before, *c_before;
  Scalar *h, *c;
  Scalar* gates;  ///< (N, G H): holds x W + b, and is to hold the gates
  Scalar* sums;   ///< (N, G H): where to keep what goes into the gates, else `gates` itself
  Scalar* inner;
  Scalar* inside;       ///< for use within the step
  const Scalar* c_row;  ///< (G H,), with rules.recurrent_bias

  // For `sums_of`.
  const Scalar* packed_U;
  const GatePointers<const Scalar>& weights;
  const Scalar* drop_U;  ///< (G, N, H), or null
  Scalar* dropped;

  /// x W + b + a U of some gates, whose matrices are packed from `packed` on. Where dropout_U drops
  /// parts of `a`, another for each gate, the products are added to `gates` here.
  kernels::GateSums sums_of(std::size_t first, std::size_t count, const Scalar* a,
                            const Scalar* packed) const;
};

/// The way back through one step.
struct CellBackward {
  const RecurrentRules& rules;
  std::size_t samples, units;
  const Scalar *h_before, *c_before, *c;
  const Scalar *gates, *sums, *inner;
  const Scalar *dh, *dc;          ///< dL/dh and dL/dc after the step
  Scalar *dh_before, *dc_before;  ///< add to the first, assign the second
  Scalar* dz;                     ///< (N, G H): assign dL/d(x W + b)
  Scalar* dp;                     ///< (N, H), with rules.recurrent_bias
  Scalar *inside, *inside_2;      ///< for use within the step

  const Scalar* packed_U;
  const GatePointers<const Scalar>& weights;
  const Scalar* drop_U;
  Scalar* dropped;

  /// da += dz Uᵀ of some gates (with dropout_U: of what it let through), dz (N, count H) with rows
  /// `row` apart.
  void add_through_U(std::size_t first, std::size_t count, const Scalar* dz, std::size_t row,
                     const Scalar* packed, Scalar* da) const;
};

/// The formulas of a recurrent layer.
class Cell {
 public:
  virtual ~Cell() = default;
  /// How U is packed: the numbers of gates in each packed array, or in each transposed one.
  virtual std::span<const std::size_t> packs(bool transposed) const = 0;
  virtual void forward(const CellForward& step) const = 0;
  virtual void backward(const CellBackward& step) const = 0;
  /// A whole step of few samples when testing, from weights as they are stored. False: not done.
  virtual bool whole_step(const kernels::GateCell& cell, const CellForward& step) const = 0;
};

/// Declares everything but the parameters; answers the output's shape.
Shape build_recurrence(const Layer& layer, const RecurrentRules& rules, const Shape& input,
                       Builder& builder);
void run_recurrence(const RecurrentRules& rules, const Cell& cell, const Forward& run);
void run_recurrence_backward(const RecurrentRules& rules, const Cell& cell, const Backward& run);
/// Moves the carried states on.
void update_recurrence(const Update& run);

// ---- activations of gates

/// What the kernels call this activation, if they know it.
std::optional<kernels::GateFunction> gate_function(const ActivationName& activation);
/// Both, or nothing: then the functions below do the work.
std::optional<kernels::GateFunctions> gate_functions(const ActivationName& inner,
                                                     const ActivationName& outer);
/// y = f(x) for one gate (N, H) with rows `row` apart; y may be x unless f reads x in backward.
void apply_to_gate(const ActivationName& f, std::size_t samples, std::size_t units, const Scalar* x,
                   Scalar* y, std::size_t row);
/// d becomes d f'(x), from x (null unless f reads it) and y.
void gate_gradient(const ActivationName& f, std::size_t samples, std::size_t units, const Scalar* x,
                   const Scalar* y, Scalar* d, std::size_t row);

}  // namespace cornu::detail
