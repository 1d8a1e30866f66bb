#include <algorithm>

#include "cornu/core/parallel.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "cornu/kernels/windows/table.hpp"

// A convolution is a product of matrices: the filters times what the window sees, position by
// position. That second matrix is larger than the picture by the number of taps; it is made in
// blocks that stay in the cache, from a padded copy of one sample's picture, and never whole.

namespace cornu::kernels {
namespace {

using windows::Picture;
using windows::slack;
using windows::table;

/// Products that are worth a second thread: some 20 microseconds.
constexpr std::size_t least_products = std::size_t{1} << 21;
/// Numbers in a block: half of a first-level cache, and for the gradient of the filters, which
/// reads and writes all of it for each block, some of the second.
constexpr std::size_t block_numbers = 6144, gradient_block_numbers = 24576;

Picture picture_of(const Convolution& convolution) {
  const auto& [D, H, W] = convolution.windows.axes;
  const auto reach = [](const WindowAxis& axis) {
    return (axis.output - 1) * axis.stride + (axis.window - 1) * axis.spread + 1;
  };
  Picture picture{convolution, reach(D), reach(H), reach(W), 0, 0, 0};
  if (convolution.channels_last) {
    picture.row = picture.width * convolution.channels;
    picture.plane = picture.depth * picture.height * picture.row;
    picture.size = picture.plane;
  } else {
    picture.width = (picture.width + W.stride - 1) / W.stride;
    picture.row = W.stride * picture.width;
    picture.plane = picture.depth * picture.height * picture.row;
    picture.size = convolution.channels * picture.plane;
  }
  return picture;
}

/// Positions in one block of about so many numbers: about equal blocks, whole strips.
std::size_t positions_of(const Convolution& convolution, std::size_t numbers, std::size_t least) {
  const std::size_t positions = convolution.windows.positions();
  const std::size_t strip = convolution.channels_last ? 6 : table().strip;
  std::size_t most = std::max(numbers / convolution.terms(), least);
  most = std::min(std::max(most / strip, std::size_t{1}) * strip, windows::most_positions);
  const std::size_t blocks = (positions + most - 1) / most;
  const std::size_t even = (positions + blocks - 1) / blocks;
  return std::min((even + strip - 1) / strip * strip, windows::most_positions);
}
std::size_t block_positions(const Convolution& convolution) {
  return positions_of(convolution, block_numbers, convolution.channels_last ? 48 : 16);
}
std::size_t gradient_positions(const Convolution& convolution) {
  return positions_of(convolution, gradient_block_numbers, 64);
}

std::size_t weights(const Convolution& convolution) {
  return aligned_size(convolution.terms() * convolution.filters);
}

/// Whether the picture is its own padded copy.
bool needs_no_padding(const Picture& picture) {
  const auto& [D, H, W] = picture.convolution.windows.axes;
  return picture.depth == D.input && picture.height == H.input && picture.width == W.input &&
         (W.stride == 1 || picture.convolution.channels_last) &&
         D.before + H.before + W.before == 0;
}

/// The padded picture of sample n, in `memory` where it is not the sample itself. The last one
/// always is, because loops read some numbers behind its end.
const Scalar* padded(const Picture& picture, const Scalar* x, std::size_t n, std::size_t samples,
                     Scalar* memory) {
  const Convolution& convolution = picture.convolution;
  x += n * convolution.windows.inputs() * convolution.channels;
  if (n + 1 < samples && needs_no_padding(picture)) return x;
  table().pad(picture, x, memory);
  return memory;
}

/// The memory of one thread.
struct Own {
  Scalar *picture, *block, *gradient;
};
Own own(const Convolution& convolution, Scalar* scratch, std::size_t part) {
  const ConvolutionScratch sizes = convolution_scratch(convolution);
  Scalar* first = scratch + sizes.shared + part * sizes.per_thread;
  Scalar* block = first + aligned_size(picture_of(convolution).size + slack);
  return {first, block, first + sizes.per_thread - weights(convolution)};
}

/// Between how many threads to share the samples.
std::size_t parts_of(const Convolution& convolution, std::size_t samples,
                     std::size_t scratch_size) {
  const ConvolutionScratch sizes = convolution_scratch(convolution);
  const std::size_t products =
      samples * convolution.windows.positions() * convolution.terms() * convolution.filters;
  const std::size_t parts = cornu::detail::parts_of(products, least_products);
  const std::size_t room = (scratch_size - sizes.shared) / sizes.per_thread;
  return std::max(std::min({parts, samples, room}), std::size_t{1});
}

/// body(sample, part) for all samples.
template <class Body>
void share_samples(std::size_t samples, std::size_t parts, const Body& body) {
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] = cornu::detail::share_of(samples, 1, part, parts);
    for (std::size_t n = first; n < last; ++n) body(n, part);
  });
}

/// body(first, last) for blocks of positions.
template <class Body>
void each_block(const Convolution& convolution, std::size_t step, const Body& body) {
  const std::size_t positions = convolution.windows.positions();
  for (std::size_t first = 0; first < positions; first += step)
    body(first, std::min(first + step, positions));
}

}  // namespace

const windows::Table& windows::table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

ConvolutionScratch convolution_scratch(const Convolution& convolution) {
  const std::size_t positions =
      std::max(block_positions(convolution), gradient_positions(convolution));
  return {weights(convolution), aligned_size(picture_of(convolution).size + slack) +
                                    aligned_size(positions * convolution.terms() + slack) +
                                    weights(convolution)};
}

void convolve(const Convolution& convolution, std::size_t samples, const Scalar* x, const Scalar* W,
              const Scalar* b, Scalar* y, Scalar* scratch, std::size_t scratch_size) {
  const Picture picture = picture_of(convolution);
  const std::size_t P = convolution.windows.positions(), K = convolution.terms();
  const std::size_t F = convolution.filters, step = block_positions(convolution);
  share_samples(samples, parts_of(convolution, samples, scratch_size),
                [&](std::size_t n, std::size_t part) {
                  const Own mine = own(convolution, scratch, part);
                  Scalar* const out = y + n * P * F;
                  const Scalar* const seen = padded(picture, x, n, samples, mine.picture);
                  each_block(convolution, step, [&](std::size_t first, std::size_t last) {
                    const std::size_t B = last - first;
                    table().gather(picture, seen, first, last, mine.block);
                    if (convolution.channels_last) {
                      // y (B, F) = block (B, K) W (K, F) + b
                      if (b)
                        affine(B, F, K, mine.block, W, b, out + first * F);
                      else
                        gemm(Transpose::no, Transpose::no, B, F, K, 1, mine.block, K, W, F, 0,
                             out + first * F, F);
                    } else {
                      // y (F, B) = W (F, K) block (K, B) + b
                      if (b) table().fill(b, F, B, P, out + first);
                      gemm(Transpose::no, Transpose::no, F, B, K, 1, W, K, mine.block, B, b ? 1 : 0,
                           out + first, P);
                    }
                  });
                });
}

void convolve_backward_input(const Convolution& convolution, std::size_t samples, const Scalar* W,
                             const Scalar* dy, const Scalar* b, Scalar* dx, Scalar* scratch,
                             std::size_t scratch_size) {
  const Picture picture = picture_of(convolution);
  const std::size_t P = convolution.windows.positions(), K = convolution.terms();
  const std::size_t F = convolution.filters, step = block_positions(convolution);
  const std::size_t inputs = convolution.windows.inputs() * convolution.channels;
  Scalar* const W_turned = scratch;  // (K, F), with channels last (F, K)
  if (convolution.channels_last)
    table().transpose(W, K, F, W_turned);
  else
    table().transpose(W, F, K, W_turned);
  share_samples(samples, parts_of(convolution, samples, scratch_size),
                [&](std::size_t n, std::size_t part) {
                  const Own mine = own(convolution, scratch, part);
                  const Scalar* const d = dy + n * P * F;
                  table().fill(nullptr, 1, picture.size, 0, mine.picture);
                  each_block(convolution, step, [&](std::size_t first, std::size_t last) {
                    const std::size_t B = last - first;
                    if (convolution.channels_last)  // block (B, K) = dy (B, F) Wᵀ (F, K)
                      gemm(Transpose::no, Transpose::no, B, K, F, 1, d + first * F, F, W_turned, K,
                           0, mine.block, K);
                    else  // block (K, B) = Wᵀ (K, F) dy (F, B)
                      gemm(Transpose::no, Transpose::no, K, B, F, 1, W_turned, F, d + first, P, 0,
                           mine.block, B);
                    table().scatter(picture, mine.block, first, last, mine.picture);
                  });
                  table().unpad(picture, mine.picture, b, dx + n * inputs);
                });
}

void convolve_backward_filters(const Convolution& convolution, std::size_t samples, const Scalar* x,
                               const Scalar* dy, Scalar* dW, Scalar* scratch,
                               std::size_t scratch_size) {
  const Picture picture = picture_of(convolution);
  const std::size_t P = convolution.windows.positions(), K = convolution.terms();
  const std::size_t F = convolution.filters, step = gradient_positions(convolution);
  const std::size_t parts = parts_of(convolution, samples, scratch_size);
  // Each thread sums (K, F) by itself.
  for (std::size_t part = 0; part < parts; ++part)
    table().fill(nullptr, 1, K * F, 0, own(convolution, scratch, part).gradient);
  share_samples(samples, parts, [&](std::size_t n, std::size_t part) {
    const Own mine = own(convolution, scratch, part);
    const Scalar* const d = dy + n * P * F;
    const Scalar* const seen = padded(picture, x, n, samples, mine.picture);
    each_block(convolution, step, [&](std::size_t first, std::size_t last) {
      const std::size_t B = last - first;
      table().gather(picture, seen, first, last, mine.block);
      if (convolution.channels_last)  // dW (K, F) += blockᵀ (K, B) dy (B, F)
        gemm(Transpose::yes, Transpose::no, K, F, B, 1, mine.block, K, d + first * F, F, 1,
             mine.gradient, F);
      else  // dWᵀ (K, F) += block (K, B) dyᵀ (B, F)
        gemm(Transpose::no, Transpose::yes, K, F, B, 1, mine.block, B, d + first, P, 1,
             mine.gradient, F);
    });
  });
  for (std::size_t part = 0; part < parts; ++part) {
    const Scalar* const gradient = own(convolution, scratch, part).gradient;
    if (convolution.channels_last)
      add_scaled(1, gradient, dW, K * F);
    else
      table().add_transposed(gradient, K, F, dW);
  }
}

void add_channel_sums(const Scalar* dy, std::size_t samples, std::size_t positions,
                      std::size_t filters, bool channels_last, Scalar* db) {
  if (channels_last)
    add_column_sums(dy, db, samples * positions, filters);
  else
    for (std::size_t n = 0; n < samples; ++n)
      table().add_row_sums(dy + n * filters * positions, filters, positions, db);
}

namespace {

/// body(of the picture, of the terms, count) for the runs of numbers that the window sees at a
/// position that needs no padding.
template <class Body>
void each_seen(const Convolution& convolution, std::size_t position, const Body& body) {
  const auto& [D, H, W] = convolution.windows.axes;
  const bool last = convolution.channels_last;
  const std::size_t planes = last ? 1 : convolution.channels;
  const std::size_t numbers = last ? convolution.channels : 1;  // of a place
  const std::size_t k = position % W.output, line = position / W.output;
  const std::size_t j = line % H.output, i = line / H.output;
  std::size_t at = 0;
  for (std::size_t c = 0; c < planes; ++c)
    for (std::size_t a = 0; a < D.window; ++a)
      for (std::size_t b = 0; b < H.window; ++b, at += W.window * numbers) {
        const std::size_t row = (c * D.input + i * D.stride + a) * H.input + j * H.stride + b;
        body((row * W.input + k * W.stride) * numbers, at, W.window * numbers);
      }
}

}  // namespace

void gather_windows(const Convolution& convolution, std::size_t samples, std::size_t position,
                    const Scalar* x, Scalar* windows) {
  const std::size_t inputs = convolution.windows.inputs() * convolution.channels;
  const std::size_t terms = convolution.terms();
  each_seen(convolution, position, [=](std::size_t of_x, std::size_t at, std::size_t count) {
    for (std::size_t n = 0; n < samples; ++n)
      std::copy_n(x + n * inputs + of_x, count, windows + n * terms + at);
  });
}

void scatter_windows(const Convolution& convolution, std::size_t samples, std::size_t position,
                     const Scalar* windows, Scalar* dx) {
  const std::size_t inputs = convolution.windows.inputs() * convolution.channels;
  const std::size_t terms = convolution.terms();
  each_seen(convolution, position, [=](std::size_t of_x, std::size_t at, std::size_t count) {
    for (std::size_t n = 0; n < samples; ++n)
      for (std::size_t i = 0; i < count; ++i)
        dx[n * inputs + of_x + i] += windows[n * terms + at + i];
  });
}

}  // namespace cornu::kernels
