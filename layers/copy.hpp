#pragma once

// Not a public header.

#include <algorithm>

#include "cornu/core/tensor.hpp"

namespace cornu::detail {

/// Copies the numbers of one array to another of the same size, which may be the same memory.
inline void copy(ConstView from, View to) {
  if (from.data != to.data) std::copy(from.data, from.data + from.size(), to.data);
}

}  // namespace cornu::detail
