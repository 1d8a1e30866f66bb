#pragma once

// Not a public header: the activation at the end of Dense and its relatives, y = f(z).

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// Whether the backward of a layer that ends with this activation reads y.
inline bool activation_reads_output(const ActivationName& activation) {
  return !activation.is_linear();
}

/// Declares what the functions below use; to be called before the layer declares any cache or
/// workspace of its own. `units`: numbers of z in a sample.
inline void declare_activation(const ActivationName& activation, std::size_t units,
                               Builder& builder) {
  builder.workspace(activation.is_linear() ? 0 : units);           // dz; z when testing
  builder.cache(activation.function().reads_input() ? units : 0);  // z
}

/// Where z is to be written: over y, unless the activation's backward wants to see z again.
inline View before_activation(const ActivationName& activation, const Forward& run) {
  if (!activation.function().reads_input()) return run.y;
  return {(run.training ? run.caches[0] : run.workspaces[0]).data(), run.y.shape};
}

/// y = f(z)
inline void activate(const ActivationName& activation, ConstView z, View y) {
  if (!activation.is_linear()) activation.function().forward(z, y);
}

/// dz = dy * f'(z): dy itself where nothing is to be done.
inline ConstView activation_gradient(const ActivationName& activation, const Backward& run) {
  if (run.before_activation || activation.is_linear()) return run.dy;
  const ActivationFunction& function = activation.function();
  const View dz{run.workspaces[0].data(), run.dy.shape};
  ConstView z;
  if (function.reads_input()) z = {run.caches[0].data(), run.dy.shape};
  function.backward(z, run.y, run.dy, dz);
  return dz;
}

}  // namespace cornu::detail
