#include "cornu/layers/recurrent/gru.hpp"

#include "cornu/layers/recurrent/gru_cell.hpp"
#include "cornu/layers/recurrent/recurrent_options.hpp"

// The formulas are in gru_cell.cpp.

namespace cornu {
namespace {

using detail::GateSlots;
using detail::RecurrentRules;

constexpr GateSlots gru_gates[3] = {{{0, "W_z"}, {1, "U_z"}, {2, "b_z"}, {3, "c_z"}},
                                    {{4, "W_r"}, {5, "U_r"}, {6, "b_r"}, {7, "c_r"}},
                                    {{8, "W_h"}, {9, "U_h"}, {10, "b_h"}, {11, "c_h"}}};
constexpr GateSlots gru_together{{0, "W"}, {1, "U"}, {2, "b"}, {3, "c"}};
constexpr std::size_t gru_order[3] = {0, 1, 2};

RecurrentRules rules_of(const GRUOptions& options) {
  RecurrentRules rules = detail::recurrent_rules(options, gru_gates, gru_together);
  rules.has_inner = true;
  rules.recurrent_bias = options.reset_after;
  rules.keeps_sums = options.activation.function().reads_input() ||
                     options.inner_activation.function().reads_input();
  return rules;
}

}  // namespace

void GRUOptions::describe(Fields& fields) {
  detail::describe_recurrent(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "H, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("inner_init", inner_init, "how U starts");
  fields.field("activation", activation, "of the candidate");
  fields.field("inner_activation", inner_activation, "of the gates");
  detail::describe_recurrent_weights(fields, *this,
                                     "the values of W, U and b of z, r and h to start from");
  fields.begin_additions();
  fields.field("reset_after", reset_after, "whether r works after the product, as in later Keras");
  fields.end_additions();
}

GRU::GRU(GRUOptions options)
    : ConfiguredLayer("GRU", detail::with_sequence_shape("GRU", std::move(options))) {}

Traits GRU::traits() const { return detail::recurrent_traits(rules_of(options_)); }

Shape GRU::build(const Shape& input, Builder& builder) const {
  const RecurrentRules rules = rules_of(options_);
  detail::check_sequence(*this, options_, input);
  detail::declare_gates(builder, options_, rules, gru_order, input[1],
                        [](std::size_t) -> Initializer { return "zero"; });
  return detail::build_recurrence(*this, rules, input, builder);
}

void GRU::forward(const Forward& run) const {
  detail::run_recurrence(rules_of(options_), detail::GRUCell(options_), run);
}
void GRU::backward(const Backward& run) const {
  detail::run_recurrence_backward(rules_of(options_), detail::GRUCell(options_), run);
}
void GRU::update(const Update& run) const { detail::update_recurrence(run); }

std::vector<LayerExample> GRU::examples() {
  const auto example = [](GRUOptions options, Shape input) -> LayerExample {
    return {std::make_shared<GRU>(std::move(options)), {std::move(input)}};
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
          example({.output_dim = 3,
                   .inner_activation = "sigmoid",
                   .return_sequences = true,
                   .reset_after = true},
                  {3, 2}),
          example({.output_dim = 2,
                   .inner_activation = "softmax",
                   .dropout_U = 0.5,
                   .consume_less = "gpu",
                   .reset_after = true},
                  {3, 2})};
}

}  // namespace cornu
