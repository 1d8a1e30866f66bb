#pragma once

// Not a public header: the loops of this family, which kernels/windows/convolution.cpp and
// pooling.cpp put together.

#include "cornu/core/loops.hpp"
#include "cornu/kernels/windows/windows.hpp"

namespace cornu::kernels::windows {

/// The picture of one sample with its padding around it, so that no loop has to look whether a
/// place exists. It reaches as far as windows do.
///
/// Channels first: (channels, depth, height, phases, width). Its rows are kept by phases, the
/// places 0, s, 2 s, ..., then 1, s + 1, ..., with s the stride along the row: so what a tap sees
/// from neighbouring positions stands side by side at any stride.
/// Channels last: (depth, height, width, channels).
struct Picture {
  Convolution convolution;
  std::size_t depth, height;
  std::size_t width;  ///< places of a row; channels first: of one phase of it
  std::size_t row;    ///< numbers of a row
  std::size_t plane;  ///< numbers of one channel (channels first), or of all
  std::size_t size;   ///< of the whole
};

/// How much a loop may read and write behind the end of pictures and blocks: a vector.
constexpr std::size_t slack = 16;
/// The most positions in one block.
constexpr std::size_t most_positions = 512;

struct Table {
  /// Columns of the widest tile of a matrix product.
  std::size_t strip;
  /// padded = x with zeros around it.
  void (*pad)(const Picture& picture, const Scalar* x, Scalar* padded);
  /// x = padded without its padding, places that no window reaches being 0, plus b[channel] if any.
  void (*unpad)(const Picture& picture, const Scalar* padded, const Scalar* b, Scalar* x);
  /// What windows see at the positions [first, last): a block (terms, last - first), with channels
  /// last (last - first, terms).
  void (*gather)(const Picture& picture, const Scalar* padded, std::size_t first, std::size_t last,
                 Scalar* block);
  /// The way back: adds the block to the padded picture.
  void (*scatter)(const Picture& picture, const Scalar* block, std::size_t first, std::size_t last,
                  Scalar* padded);
  /// to (columns, rows) = from (rows, columns)
  void (*transpose)(const Scalar* from, std::size_t rows, std::size_t columns, Scalar* to);
  /// to (columns, rows) += from (rows, columns)
  void (*add_transposed)(const Scalar* from, std::size_t rows, std::size_t columns, Scalar* to);
  /// sums[r] += the sum of row r of x (rows, columns)
  void (*add_row_sums)(const Scalar* x, std::size_t rows, std::size_t columns, Scalar* sums);
  /// x[r, c] = values[r] for rows that stand `step` apart; null: 0
  void (*fill)(const Scalar* values, std::size_t rows, std::size_t columns, std::size_t step,
               Scalar* x);

  // Of one plane (places, inner).
  void (*max_pool)(const Windows& windows, std::size_t inner, const Scalar* x, Scalar* y,
                   Scalar* at);
  void (*max_pool_backward)(const Windows& windows, std::size_t inner, const Scalar* at,
                            const Scalar* dy, Scalar* dx);
  void (*sum_pool)(const Windows& windows, std::size_t inner, bool mean, const Scalar* x,
                   Scalar* y);
  void (*sum_pool_backward)(const Windows& windows, std::size_t inner, Scalar* shares,
                            const Scalar* dy, Scalar* dx);
  // Of one sample.
  void (*depthwise)(const DepthwiseConvolution& convolution, const Scalar* x, const Scalar* W,
                    Scalar* y);
  void (*depthwise_backward_input)(const DepthwiseConvolution& convolution, const Scalar* W,
                                   const Scalar* dy, Scalar* dx);
  void (*depthwise_backward_filters)(const DepthwiseConvolution& convolution, const Scalar* x,
                                     const Scalar* dy, Scalar* dW);
};

extern const Table CORNU_INSTRUCTION_SETS;

/// The loops for this processor.
const Table& table();

}  // namespace cornu::kernels::windows
