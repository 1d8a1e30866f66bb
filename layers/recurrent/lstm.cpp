#include "cornu/layers/recurrent/lstm.hpp"

#include "cornu/layers/recurrent/recurrent_options.hpp"

namespace cornu {

using detail::CellBackward;
using detail::CellForward;
using detail::GateSlots;
using detail::RecurrentRules;

namespace {

// The order of the kernels and of the matrices side by side is i, f, c, o; that of Keras's lists of
// single matrices is i, c, f, o.
constexpr GateSlots lstm_gates[4] = {{{0, "W_i"}, {1, "U_i"}, {2, "b_i"}, {}},
                                     {{6, "W_f"}, {7, "U_f"}, {8, "b_f"}, {}},
                                     {{3, "W_c"}, {4, "U_c"}, {5, "b_c"}, {}},
                                     {{9, "W_o"}, {10, "U_o"}, {11, "b_o"}, {}}};
constexpr GateSlots lstm_together{{0, "W"}, {1, "U"}, {2, "b"}, {}};
constexpr std::size_t lstm_list_order[4] = {0, 2, 1, 3};
constexpr std::size_t forget_gate = 1;

RecurrentRules rules_of(const LSTMOptions& options) {
  RecurrentRules rules = detail::recurrent_rules(options, lstm_gates, lstm_together);
  rules.has_cell_state = true;
  rules.keeps_sums = options.activation.function().reads_input() ||
                     options.inner_activation.function().reads_input();
  return rules;
}

class LSTMCell final : public detail::Cell {
 public:
  explicit LSTMCell(const LSTMOptions& options)
      : inner_(options.inner_activation),
        outer_(options.activation),
        functions_(detail::gate_functions(inner_, outer_)) {}

  std::span<const std::size_t> packs(bool) const override {
    static constexpr std::size_t all[] = {4};
    return all;
  }

  void forward(const CellForward& step) const override {
    const std::size_t N = step.samples, H = step.units;
    // z = x W + b + h₋ U, for all gates at once
    const kernels::GateSums z = step.sums_of(0, 4, step.h_before, step.packed_U);
    if (functions_)
      return kernels::lstm_step(z, *functions_, step.c_before, step.gates, step.c, step.h);
    kernels::gates_product(z, 4, step.sums, 4 * H);
    // i, f, o = σ(z),  g = a(z_c)
    for (std::size_t gate = 0; gate < 4; ++gate)
      detail::apply_to_gate(gate == 2 ? outer_ : inner_, N, H, step.sums + gate * H,
                            step.gates + gate * H, 4 * H);
    // c = f c₋ + i g
    for_each_unit(N, H, [&](std::size_t at, std::size_t i) {
      const Scalar* const gate = step.gates + i;
      step.c[at] = gate[H] * step.c_before[at] + gate[0] * gate[2 * H];
    });
    // h = o a(c)
    detail::apply_to_gate(outer_, N, H, step.c, step.h, H);
    for_each_unit(N, H,
                  [&](std::size_t at, std::size_t i) { step.h[at] *= step.gates[i + 3 * H]; });
  }

  bool whole_step(const kernels::GateCell& cell, const CellForward& step) const override {
    if (functions_) kernels::lstm_cell(cell, *functions_, step.c_before, step.c, step.h);
    return functions_.has_value();
  }

  // With dh and dc what reaches h and c from later, the chain rule through the last lines first:
  //
  //     h = o a(c)          do = dh a(c),         dc += dh o a'(c)
  //     c = f c₋ + i g      df = dc c₋,  di = dc g,  dg = dc i,  dc₋ = dc f
  //     i, f, o = σ(z)      dz = di σ'(z_i), df σ'(z_f), do σ'(z_o);  g = a(z_c)  dz_c = dg a'(z_c)
  //     z = x W + h₋ U + b  dh₋ = dz Uᵀ;  and, of all steps at once, dU = h₋ᵀ dz, dW = xᵀ dz,
  //                         db = Σ dz, dx = dz Wᵀ
  void backward(const CellBackward& step) const override {
    if (functions_)
      kernels::lstm_step_backward(step.samples, step.units, *functions_, step.gates, step.c_before,
                                  step.c, step.dh, step.dc, step.dz, step.dc_before);
    else
      gates_backward(step);
    step.add_through_U(0, 4, step.dz, 4 * step.units, step.packed_U, step.dh_before);
  }

 private:
  /// body(index of (n, j) in (N, H), index of its first gate in (N, 4 H))
  template <class Body>
  static void for_each_unit(std::size_t N, std::size_t H, const Body& body) {
    for (std::size_t n = 0; n < N; ++n)
      for (std::size_t j = 0; j < H; ++j) body(n * H + j, n * 4 * H + j);
  }

  /// The lines above, for activations that the kernels do not know.
  void gates_backward(const CellBackward& step) const {
    const std::size_t N = step.samples, H = step.units;
    Scalar *const a = step.inside, *const dc = step.inside_2;
    std::copy_n(step.c, N * H, dc);
    detail::apply_to_gate(outer_, N, H, dc, a, H);
    for_each_unit(N, H, [&](std::size_t at, std::size_t i) {
      step.dz[i + 3 * H] = step.dh[at] * a[at];
      dc[at] = step.dh[at] * step.gates[i + 3 * H];
    });
    detail::gate_gradient(outer_, N, H, step.c, a, dc, H);
    for_each_unit(N, H, [&](std::size_t at, std::size_t i) {
      const Scalar* const gate = step.gates + i;
      const Scalar d = dc[at] + step.dc[at];
      step.dc_before[at] = d * gate[H];
      step.dz[i] = d * gate[2 * H];
      step.dz[i + H] = d * step.c_before[at];
      step.dz[i + 2 * H] = d * gate[0];
    });
    for (std::size_t gate = 0; gate < 4; ++gate)
      detail::gate_gradient(gate == 2 ? outer_ : inner_, N, H,
                            step.sums ? step.sums + gate * H : nullptr, step.gates + gate * H,
                            step.dz + gate * H, 4 * H);
  }

  const ActivationName &inner_, &outer_;
  std::optional<kernels::GateFunctions> functions_;
};

}  // namespace

void LSTMOptions::describe(Fields& fields) {
  detail::describe_recurrent(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "H, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("inner_init", inner_init, "how U starts");
  fields.field("forget_bias_init", forget_bias_init, "how b_f starts");
  fields.field("activation", activation, "of the candidate and the output");
  fields.field("inner_activation", inner_activation, "of the gates");
  detail::describe_recurrent_weights(fields, *this,
                                     "the values of W, U and b of i, c, f and o to start from");
}

LSTM::LSTM(LSTMOptions options)
    : ConfiguredLayer("LSTM", detail::with_sequence_shape("LSTM", std::move(options))) {}

Traits LSTM::traits() const { return detail::recurrent_traits(rules_of(options_)); }

Shape LSTM::build(const Shape& input, Builder& builder) const {
  const RecurrentRules rules = rules_of(options_);
  detail::check_sequence(*this, options_, input);
  detail::declare_gates(
      builder, options_, rules, lstm_list_order, input[1], [&](std::size_t gate) -> Initializer {
        if (gate == rules.gates.size())
          return detail::part_initializer(options_.forget_bias_init, forget_gate, 4);
        return gate == forget_gate ? options_.forget_bias_init : "zero";
      });
  return detail::build_recurrence(*this, rules, input, builder);
}

void LSTM::forward(const Forward& run) const {
  detail::run_recurrence(rules_of(options_), LSTMCell(options_), run);
}
void LSTM::backward(const Backward& run) const {
  detail::run_recurrence_backward(rules_of(options_), LSTMCell(options_), run);
}
void LSTM::update(const Update& run) const { detail::update_recurrence(run); }

std::vector<LayerExample> LSTM::examples() {
  const auto example = [](LSTMOptions options, Shape input) -> LayerExample {
    return {std::make_shared<LSTM>(std::move(options)), {std::move(input)}};
  };
  return {example({.output_dim = 3}, {4, 2}),
          example({.output_dim = 5,
                   .activation = "softsign",
                   .inner_activation = "sigmoid",
                   .W_regularizer = "l1l2",
                   .U_regularizer = l2(0.1),
                   .b_regularizer = l2(0.1),
                   .return_sequences = true,
                   .go_backwards = true,
                   .consume_less = "gpu"},
                  {3, 4}),
          example({.output_dim = 2,
                   .activation = "softmax",
                   .return_sequences = true,
                   .consume_less = "mem",
                   .bias = false},
                  {3, 1}),
          example({.output_dim = 3,
                   .inner_activation = "sigmoid",
                   .dropout_W = 0.3,
                   .dropout_U = 0.4,
                   .return_sequences = true},
                  {3, 3}),
          example({.output_dim = 2, .dropout_W = 0.5, .dropout_U = 0.5, .consume_less = "gpu"},
                  {2, 2})};
}

}  // namespace cornu
