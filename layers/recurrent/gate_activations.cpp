#include <array>
#include <utility>

#include "cornu/layers/recurrent/recurrence.hpp"

namespace cornu::detail {

std::optional<kernels::GateFunction> gate_function(const ActivationName& activation) {
  using kernels::GateFunction;
  static constexpr std::array<std::pair<std::string_view, GateFunction>, 7> known{
      {{"linear", GateFunction::linear},
       {"relu", GateFunction::relu},
       {"tanh", GateFunction::tanh},
       {"sigmoid", GateFunction::sigmoid},
       {"hard_sigmoid", GateFunction::hard_sigmoid},
       {"softplus", GateFunction::softplus},
       {"softsign", GateFunction::softsign}}};
  for (const auto& [name, function] : known)
    if (name == activation.name()) return function;
  return std::nullopt;
}

std::optional<kernels::GateFunctions> gate_functions(const ActivationName& inner,
                                                     const ActivationName& outer) {
  const auto gate = gate_function(inner), output = gate_function(outer);
  if (!gate || !output) return std::nullopt;
  return kernels::GateFunctions{*gate, *output};
}

// Sample by sample, because a gate's units lie together and its samples do not; softmax is over the
// units of one sample.

void apply_to_gate(const ActivationName& f, std::size_t samples, std::size_t units, const Scalar* x,
                   Scalar* y, std::size_t row) {
  const Shape shape{1, units};
  for (std::size_t n = 0; n < samples; ++n, x += row, y += row)
    f.function().forward({x, shape}, {y, shape});
}

void gate_gradient(const ActivationName& f, std::size_t samples, std::size_t units, const Scalar* x,
                   const Scalar* y, Scalar* d, std::size_t row) {
  const Shape shape{1, units};
  for (std::size_t n = 0; n < samples; ++n, y += row, d += row) {
    f.function().backward({f.function().reads_input() ? x + n * row : nullptr, shape}, {y, shape},
                          {d, shape}, {d, shape});
  }
}

}  // namespace cornu::detail
