#include "cornu/layers/recurrent/simple_rnn.hpp"

#include "cornu/layers/recurrent/recurrent_options.hpp"

namespace cornu {

using detail::CellBackward;
using detail::CellForward;
using detail::GateSlots;
using detail::RecurrentRules;

namespace {

constexpr GateSlots simple_rnn_gate[1] = {{{0, "W"}, {1, "U"}, {2, "b"}, {}}};
constexpr std::size_t simple_rnn_order[1] = {0};

RecurrentRules rules_of(const SimpleRNNOptions& options) {
  RecurrentRules rules = detail::recurrent_rules(options, simple_rnn_gate, simple_rnn_gate[0]);
  rules.keeps_sums = options.activation.function().reads_input();
  return rules;
}

class SimpleRNNCell final : public detail::Cell {
 public:
  explicit SimpleRNNCell(const SimpleRNNOptions& options)
      : activation_(options.activation), function_(detail::gate_function(activation_)) {}

  std::span<const std::size_t> packs(bool) const override {
    static constexpr std::size_t all[] = {1};
    return all;
  }

  void forward(const CellForward& step) const override {
    const std::size_t N = step.samples, H = step.units;
    // h = a(z) with z = x W + b + h₋ U
    const kernels::GateSums z = step.sums_of(0, 1, step.h_before, step.packed_U);
    if (function_) return kernels::simple_rnn_step(z, *function_, step.h);
    kernels::gates_product(z, 1, step.sums, H);
    detail::apply_to_gate(activation_, N, H, step.sums, step.h, H);
  }

  bool whole_step(const kernels::GateCell& cell, const CellForward& step) const override {
    if (function_) kernels::simple_rnn_cell(cell, *function_, step.h);
    return function_.has_value();
  }

  //     h = a(z)            dz = dh a'(z)
  //     z = x W + h₋ U + b  dh₋ = dz Uᵀ;  and, of all steps at once, dU = h₋ᵀ dz, dW = xᵀ dz,
  //                         db = Σ dz, dx = dz Wᵀ
  void backward(const CellBackward& step) const override {
    const std::size_t N = step.samples, H = step.units;
    std::copy_n(step.dh, N * H, step.dz);
    detail::gate_gradient(activation_, N, H, step.sums, step.h_before + N * H, step.dz, H);
    step.add_through_U(0, 1, step.dz, H, step.packed_U, step.dh_before);
  }

 private:
  const ActivationName& activation_;
  std::optional<kernels::GateFunction> function_;
};

}  // namespace

void SimpleRNNOptions::describe(Fields& fields) {
  detail::describe_recurrent(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "H, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("inner_init", inner_init, "how U starts");
  fields.field("activation", activation, "a, applied to x W + h U + b");
  detail::describe_recurrent_weights(fields, *this, "the values of W, U and b to start from");
}

SimpleRNN::SimpleRNN(SimpleRNNOptions options)
    : ConfiguredLayer("SimpleRNN", detail::with_sequence_shape("SimpleRNN", std::move(options))) {}

Traits SimpleRNN::traits() const { return detail::recurrent_traits(rules_of(options_)); }

Shape SimpleRNN::build(const Shape& input, Builder& builder) const {
  const RecurrentRules rules = rules_of(options_);
  detail::check_sequence(*this, options_, input);
  detail::declare_gates(builder, options_, rules, simple_rnn_order, input[1],
                        [](std::size_t) -> Initializer { return "zero"; });
  return detail::build_recurrence(*this, rules, input, builder);
}

void SimpleRNN::forward(const Forward& run) const {
  detail::run_recurrence(rules_of(options_), SimpleRNNCell(options_), run);
}
void SimpleRNN::backward(const Backward& run) const {
  detail::run_recurrence_backward(rules_of(options_), SimpleRNNCell(options_), run);
}
void SimpleRNN::update(const Update& run) const { detail::update_recurrence(run); }

std::vector<LayerExample> SimpleRNN::examples() {
  const auto example = [](SimpleRNNOptions options, Shape input) -> LayerExample {
    return {std::make_shared<SimpleRNN>(std::move(options)), {std::move(input)}};
  };
  return {example({.output_dim = 3}, {4, 2}),
          example({.output_dim = 4,
                   .activation = "sigmoid",
                   .W_regularizer = "l1l2",
                   .U_regularizer = l2(0.1),
                   .b_regularizer = l2(0.1),
                   .return_sequences = true,
                   .go_backwards = true,
                   .consume_less = "gpu"},
                  {3, 2}),
          example({.output_dim = 2, .activation = "softmax", .bias = false}, {3, 1}),
          example({.output_dim = 3,
                   .dropout_W = 0.3,
                   .dropout_U = 0.4,
                   .return_sequences = true,
                   .consume_less = "mem"},
                  {3, 3})};
}

}  // namespace cornu
