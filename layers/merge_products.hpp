#pragma once

// Not a public header: the modes of Merge that are sums of products.

#include <cstddef>

#include "cornu/layers/layer.hpp"

namespace cornu::detail {

/// One input of a dot product, seen from the axis that is summed over: (outer, summed, inner).
struct DotOperand {
  std::size_t outer, summed, inner;
};

/// `axis` counts from 0 without the samples' axis.
DotOperand dot_operand(const Shape& sample_shape, std::size_t axis);

/// y[oa, ia, ob, ib] = sum over k of a[oa, k, ia] * b[ob, k, ib], for each sample.
void dot_forward(const Forward& run, const DotOperand& a, const DotOperand& b);
void dot_backward(const Backward& run, const DotOperand& a, const DotOperand& b);

/// y = a . b / max(|a| |b|, 1e-7), row by row of (N, D).
void cos_forward(const Forward& run);
void cos_backward(const Backward& run);

}  // namespace cornu::detail
