#pragma once

// Not a public header.

#include <algorithm>

#include "cornu/core/tensor.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace cornu::detail {

/// z = x W + b, row by row: x (..., D), W (D, M), b (M,) or empty, z (..., M).
inline void affine(ConstView x, ConstArray W, ConstArray b, View z) {
  using kernels::Transpose;
  const std::size_t D = x.shape.back(), M = z.shape.back(), rows = z.shape.rows();
  if (b.empty())
    kernels::gemm(Transpose::no, Transpose::no, rows, M, D, 1, x.data, D, W.data(), M, 0, z.data,
                  M);
  else
    kernels::affine(rows, M, D, x.data, W.data(), b.data(), z.data);
}

/// The gradients of the above from dz (..., M): adds to dW and db or, with `assign`, assigns them;
/// assigns dx or, with `add_to_dx`, adds to it. What is empty is not wanted.
inline void affine_backward(ConstView x, ConstArray W, ConstView dz, Array dW, Array db, View dx,
                            bool add_to_dx = false, bool assign = false) {
  using kernels::Transpose;
  const std::size_t D = (dx ? dx.shape : x.shape).back(), M = dz.shape.back();
  const std::size_t rows = dz.shape.rows();
  // dW += xᵀ dz
  if (!dW.empty())
    kernels::gemm(Transpose::yes, Transpose::no, D, M, rows, 1, x.data, D, dz.data, M,
                  assign ? Scalar{0} : Scalar{1}, dW.data(), M);
  // db += the sum of dz over the rows
  if (assign) std::fill(db.begin(), db.end(), Scalar{0});
  if (!db.empty()) kernels::add_column_sums(dz.data, db.data(), rows, M);
  // dx = dz Wᵀ
  if (dx)
    kernels::gemm(Transpose::no, Transpose::yes, rows, D, M, 1, dz.data, M, W.data(), M,
                  add_to_dx ? Scalar{1} : Scalar{0}, dx.data, D);
}

}  // namespace cornu::detail
