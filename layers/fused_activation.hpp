#pragma once

// Not a public header: the activation at the end of Dense and its relatives, y = f(z).

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// Whether the backward of a layer that ends with this activation reads y.
inline bool activation_reads_output(const ActivationName& activation) {
  return !activation.is_linear();
}

/// Where such a layer keeps what goes into its activation, and the gradient of that. A layer with
/// caches and workspaces of its own names others.
struct ActivationSlots {
  CacheSlot z{0, "z"};
  WorkspaceSlot dz{0, "dz"};
};

/// Declares what the functions below use. `units`: numbers of z in a sample.
inline void declare_activation(const ActivationName& activation, std::size_t units,
                               Builder& builder, ActivationSlots slots = {}) {
  if (activation.function().reads_input()) builder.cache(slots.z, units, 0, Kept::always);
  if (!activation.is_linear()) builder.workspace(slots.dz, units);
}

/// Where z is to be written: over y, unless the activation's backward wants to see z again.
inline View before_activation(const ActivationName& activation, const Forward& run,
                              ActivationSlots slots = {}) {
  if (!activation.function().reads_input()) return run.y;
  return {run[slots.z].data(), run.y.shape};
}

/// y = f(z)
inline void activate(const ActivationName& activation, ConstView z, View y) {
  if (!activation.is_linear()) activation.function().forward(z, y);
}

/// dz = dy * f'(z): dy itself where nothing is to be done.
inline ConstView activation_gradient(const ActivationName& activation, const Backward& run,
                                     ActivationSlots slots = {}) {
  if (run.before_activation || activation.is_linear()) return run.dy;
  const ActivationFunction& function = activation.function();
  const View dz{run[slots.dz].data(), run.dy.shape};
  ConstView z;
  if (function.reads_input()) z = {run[slots.z].data(), run.dy.shape};
  function.backward(z, run.y, run.dy, dz);
  return dz;
}

}  // namespace cornu::detail
