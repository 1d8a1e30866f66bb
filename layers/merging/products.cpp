// The modes of Merge that are sums of products of two inputs, sample by sample: dot and cos.

#include <algorithm>
#include <array>
#include <cmath>

#include "cornu/core/axes.hpp"
#include "cornu/core/error.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/layers/merging/mode.hpp"

namespace cornu::detail {
namespace {

using kernels::Transpose;

/// The inputs' axes that are summed over, in their sample shapes. Throws ShapeError.
std::array<std::size_t, 2> summed_axes(const char* mode, const std::vector<int>& axes,
                                       std::span<const Shape> inputs, const std::string& place) {
  const std::string expects = "mode '" + std::string(mode) + "' expects ";
  if (inputs.size() != 2)
    throw ShapeError(place, expects + "two inputs, got " + std::to_string(inputs.size()));
  const std::array found{sample_axis(axes[0], inputs[0], place, "dot_axes"),
                         sample_axis(axes[1], inputs[1], place, "dot_axes")};
  const std::size_t sizes[] = {inputs[0][found[0]], inputs[1][found[1]]};
  if (sizes[0] != sizes[1])
    throw ShapeError(place, expects + "axes of equal size, got " + std::to_string(sizes[0]) +
                                " and " + std::to_string(sizes[1]));
  return found;
}

/// One sample of an input as matrices, seen from the axis of K numbers that is summed over: where
/// that axis is the last, one matrix (rows, K); otherwise `count` matrices (K, rows), which a
/// product takes transposed. Each is `rows` of the factor's rows.
struct Factor {
  std::size_t count, rows, K;
  bool transposed;

  Factor(int axis, const Shape& shape_with_samples) {
    const Shape sample = shape_with_samples.without_samples();
    const AxisView view = along(*resolve_axis(axis, sample.rank() + 1) - 1, sample);
    transposed = view.inner > 1;
    count = transposed ? view.outer : 1;
    rows = transposed ? view.inner : view.outer;
    K = view.size;
  }
  std::size_t all_rows() const { return count * rows; }
  std::size_t size() const { return all_rows() * K; }  ///< of a sample
  std::size_t stride() const { return transposed ? rows : K; }
};

Transpose transpose(bool on) { return on ? Transpose::yes : Transpose::no; }

/// y[i, j] = Σ_k a[i, k] b[j, k], with i and j running over the other axes of either input.
class DotProduct final : public MergeMode {
 public:
  explicit DotProduct(std::vector<int> axes) : axes_(std::move(axes)) {}

  bool reads_input() const override { return true; }
  MaskRule mask() const override { return MaskRule::drop; }

  Shape build(std::span<const Shape> inputs, const std::string& place) const override {
    const auto summed = summed_axes("dot", axes_, inputs, place);
    std::vector<std::size_t> sizes;
    for (std::size_t input = 0; input < 2; ++input)
      for (std::size_t i = 0; i < inputs[input].rank(); ++i)
        if (i != summed[input]) sizes.push_back(inputs[input][i]);
    return sizes.empty() ? Shape{1} : Shape(sizes);
  }

  void forward(const Forward& run) const override {
    const Factor A(axes_[0], run.inputs[0].shape), B(axes_[1], run.inputs[1].shape);
    each_product(run.y.shape.front(), A, B, [&](std::size_t a, std::size_t b, std::size_t y) {
      // y = A Bᵀ
      kernels::gemm(transpose(A.transposed), transpose(!B.transposed), A.rows, B.rows, A.K, 1,
                    run.inputs[0].data + a, A.stride(), run.inputs[1].data + b, B.stride(), 0,
                    run.y.data + y, B.all_rows());
    });
  }

  void backward(const Backward& run) const override {
    const Factor A(axes_[0], run.inputs[0].shape), B(axes_[1], run.inputs[1].shape);
    const View &dA = run.dinputs[0], &dB = run.dinputs[1];
    std::fill_n(dA.data, dA.size(), Scalar{0});
    std::fill_n(dB.data, dB.size(), Scalar{0});
    each_product(run.dy.shape.front(), A, B, [&](std::size_t a, std::size_t b, std::size_t y) {
      const Scalar* const dy = run.dy.data + y;
      // dA = dy B
      if (dA) add_product(A, dy, false, B, run.inputs[1].data + b, B.all_rows(), dA.data + a);
      // dB = dyᵀ A
      if (dB) add_product(B, dy, true, A, run.inputs[0].data + a, B.all_rows(), dB.data + b);
    });
  }

  double multiplications(std::span<const Shape> inputs) const override {
    const auto summed = summed_axes("dot", axes_, inputs, "Merge");
    const std::size_t others = inputs[0].size() / std::max<std::size_t>(inputs[0][summed[0]], 1);
    return static_cast<double>(others) * static_cast<double>(inputs[1].size());
  }

 private:
  /// Calls multiply(offset into a, into b, into y) for each pair of matrices of every sample.
  template <class Multiply>
  static void each_product(std::size_t samples, const Factor& A, const Factor& B,
                           Multiply multiply) {
    for (std::size_t n = 0; n < samples; ++n)
      for (std::size_t i = 0; i < A.count; ++i)
        for (std::size_t j = 0; j < B.count; ++j)
          multiply(n * A.size() + i * A.rows * A.K, n * B.size() + j * B.rows * B.K,
                   (n * A.all_rows() + i * A.rows) * B.all_rows() + j * B.rows);
  }

  /// dX += op(dy) Z with X (X.rows, K), Z (Z.rows, K), each stored as its factor says, and op(dy)
  /// (X.rows, Z.rows).
  static void add_product(const Factor& X, const Scalar* dy, bool dy_transposed, const Factor& Z,
                          const Scalar* z, std::size_t dy_stride, Scalar* dx) {
    if (!X.transposed)
      kernels::gemm(transpose(dy_transposed), transpose(Z.transposed), X.rows, X.K, Z.rows, 1, dy,
                    dy_stride, z, Z.stride(), 1, dx, X.stride());
    else  // dXᵀ += Zᵀ op(dy)ᵀ
      kernels::gemm(transpose(!Z.transposed), transpose(!dy_transposed), X.K, X.rows, Z.rows, 1, z,
                    Z.stride(), dy, dy_stride, 1, dx, X.stride());
  }

  std::vector<int> axes_;
};

constexpr double least_denominator = 1e-7;  // Keras's fuzz factor

/// Σ a_i b_i in double, where squares of single numbers do not overflow; several sums at a time.
double row_product(const Scalar* a, const Scalar* b, std::size_t n) {
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      sums[lane] += static_cast<double>(a[i + lane]) * b[i + lane];
  for (; i < n; ++i) sums[0] += static_cast<double>(a[i]) * b[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// y = a . b / max(|a| |b|, 1e-7), row by row of (N, D).
class Cosine final : public MergeMode {
 public:
  explicit Cosine(std::vector<int> axes) : axes_(std::move(axes)) {}

  bool reads_input() const override { return true; }
  MaskRule mask() const override { return MaskRule::drop; }

  Shape build(std::span<const Shape> inputs, const std::string& place) const override {
    summed_axes("cos", axes_, inputs, place);
    if (inputs[0].rank() != 1 || inputs[1].rank() != 1)
      throw ShapeError(place, "mode 'cos' expects inputs of shape (None, D), got " +
                                  inputs[0].to_string_with_samples() + " and " +
                                  inputs[1].to_string_with_samples());
    return {1};
  }

  void forward(const Forward& run) const override {
    const std::size_t D = run.x().shape.back();
    for (std::size_t n = 0; n < run.y.size(); ++n) {
      const Scalar *a = run.inputs[0].data + n * D, *b = run.inputs[1].data + n * D;
      const double norms = std::sqrt(row_product(a, a, D) * row_product(b, b, D));
      run.y.data[n] =
          static_cast<Scalar>(row_product(a, b, D) / std::max(norms, least_denominator));
    }
  }

  void backward(const Backward& run) const override {
    const std::size_t D = run.x().shape.back();
    for (std::size_t n = 0; n < run.dy.size(); ++n) {
      const Scalar* const rows[] = {run.inputs[0].data + n * D, run.inputs[1].data + n * D};
      const double squares[] = {row_product(rows[0], rows[0], D), row_product(rows[1], rows[1], D)};
      const double norms = std::sqrt(squares[0] * squares[1]);
      const double denominator = std::max(norms, least_denominator);
      const double cosine = row_product(rows[0], rows[1], D) / denominator;
      for (std::size_t input = 0; input < 2; ++input) {
        if (!run.dinputs[input]) continue;
        const Scalar *const a = rows[input], *const b = rows[1 - input];
        Scalar* const da = run.dinputs[input].data + n * D;
        // d/da (a.b / |a||b|) = b / |a||b| - (a.b / |a||b|) a / |a|²; a floor does not move with a
        const double along_a = norms > least_denominator ? cosine / squares[input] : 0;
        for (std::size_t i = 0; i < D; ++i)
          da[i] = static_cast<Scalar>(run.dy.data[n] * (b[i] / denominator - along_a * a[i]));
      }
    }
  }

  double multiplications(std::span<const Shape> inputs) const override {
    return 3 * static_cast<double>(inputs[0].size());
  }

 private:
  std::vector<int> axes_;
};

}  // namespace

MergeModePtr dot_product(const std::vector<int>& axes) {
  return std::make_unique<DotProduct>(axes);
}
MergeModePtr cosine(const std::vector<int>& axes) { return std::make_unique<Cosine>(axes); }

}  // namespace cornu::detail
