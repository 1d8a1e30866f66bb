#pragma once

// Not a public header.

#include <algorithm>

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// The numbers of a parameter, or where the layer has none a constant in their place, for which it
/// declared a workspace.
template <class Run>
const Scalar* values_or(Scalar constant, const Run& run, ParameterSlot slot,
                        WorkspaceSlot instead) {
  if (!run[slot].empty()) return run[slot].data();
  const Array constants = run[instead];
  std::fill(constants.begin(), constants.end(), constant);
  return constants.data();
}

}  // namespace cornu::detail
