#include "cornu/layers/merge_products.hpp"

#include <algorithm>
#include <cmath>

namespace cornu::detail {
namespace {

constexpr double least_denominator = 1e-7;  // Keras's fuzz factor

/// Calls visit(index into a, index into b, index into y) for every product of one sample.
template <class Visit>
void each_product(const DotOperand& a, const DotOperand& b, Visit visit) {
  std::size_t y = 0;
  for (std::size_t oa = 0; oa < a.outer; ++oa)
    for (std::size_t ia = 0; ia < a.inner; ++ia)
      for (std::size_t ob = 0; ob < b.outer; ++ob)
        for (std::size_t ib = 0; ib < b.inner; ++ib, ++y)
          for (std::size_t k = 0; k < a.summed; ++k)
            visit((oa * a.summed + k) * a.inner + ia, (ob * b.summed + k) * b.inner + ib, y);
}

double product(const Scalar* a, const Scalar* b, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

DotOperand dot_operand(const Shape& sample_shape, std::size_t axis) {
  DotOperand operand{1, sample_shape[axis], 1};
  for (std::size_t i = 0; i < sample_shape.rank(); ++i) {
    if (i < axis) operand.outer *= sample_shape[i];
    if (i > axis) operand.inner *= sample_shape[i];
  }
  return operand;
}

void dot_forward(const Forward& run, const DotOperand& a, const DotOperand& b) {
  const std::size_t samples = run.y.shape.front();
  const std::size_t step_a = run.inputs[0].size() / samples;
  const std::size_t step_b = run.inputs[1].size() / samples, step_y = run.y.size() / samples;
  std::fill(run.y.array().begin(), run.y.array().end(), Scalar{0});
  for (std::size_t n = 0; n < samples; ++n) {
    const Scalar* x0 = run.inputs[0].data + n * step_a;
    const Scalar* x1 = run.inputs[1].data + n * step_b;
    Scalar* y = run.y.data + n * step_y;
    each_product(a, b, [=](std::size_t i, std::size_t j, std::size_t k) {
      y[k] += x0[i] * x1[j];  // NOLINT(clang-analyzer-core.NullDereference): an output has memory
    });
  }
}

void dot_backward(const Backward& run, const DotOperand& a, const DotOperand& b) {
  const std::size_t samples = run.dy.shape.front(), step_y = run.dy.size() / samples;
  const std::size_t steps[] = {run.inputs[0].size() / samples, run.inputs[1].size() / samples};
  for (std::size_t input = 0; input < 2; ++input) {
    const View& dx = run.dinputs[input];
    if (!dx) continue;
    std::fill(dx.array().begin(), dx.array().end(), Scalar{0});
    const std::size_t other = 1 - input;
    for (std::size_t n = 0; n < samples; ++n) {
      const Scalar* x = run.inputs[other].data + n * steps[other];
      const Scalar* dy = run.dy.data + n * step_y;
      Scalar* to = dx.data + n * steps[input];
      // dL/da = dy * b and dL/db = dy * a
      each_product(a, b, [=](std::size_t i, std::size_t j, std::size_t k) {
        if (input == 0)
          to[i] += dy[k] * x[j];
        else
          to[j] += dy[k] * x[i];
      });
    }
  }
}

void cos_forward(const Forward& run) {
  const std::size_t width = run.x().shape.back();
  for (std::size_t n = 0; n < run.y.size(); ++n) {
    const Scalar* a = run.inputs[0].data + n * width;
    const Scalar* b = run.inputs[1].data + n * width;
    const double norms = std::sqrt(product(a, a, width) * product(b, b, width));
    run.y.data[n] = static_cast<Scalar>(product(a, b, width) / std::max(norms, least_denominator));
  }
}

void cos_backward(const Backward& run) {
  const std::size_t width = run.x().shape.back();
  for (std::size_t n = 0; n < run.dy.size(); ++n) {
    for (std::size_t input = 0; input < 2; ++input) {
      if (!run.dinputs[input]) continue;
      const Scalar* a = run.inputs[input].data + n * width;
      const Scalar* b = run.inputs[1 - input].data + n * width;
      Scalar* da = run.dinputs[input].data + n * width;
      const double aa = product(a, a, width), bb = product(b, b, width);
      const double norms = std::sqrt(aa * bb);
      const double denominator = std::max(norms, least_denominator);
      // d/da (a.b / |a||b|) = b / |a||b| - (a.b / |a||b|) a / |a|^2; a floor does not move with a
      const double along = norms > least_denominator ? product(a, b, width) / denominator / aa : 0;
      for (std::size_t i = 0; i < width; ++i)
        da[i] = static_cast<Scalar>(run.dy.data[n] * (b[i] / denominator - along * a[i]));
    }
  }
}

}  // namespace cornu::detail
