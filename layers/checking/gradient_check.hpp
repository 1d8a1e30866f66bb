#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct GradientCheckOptions {
  /// The distance h of the differences (L(v + h) - L(v - h)) / 2h, relative to max(1, |v|); 0 for
  /// a good one: 1e-5 in double, 1e-2 in float.
  double step = 0;
  /// What |analytic - numeric| / max(1, |analytic|, |numeric|) may reach; 0 for a good one: 1e-6
  /// in double, 2e-2 in float.
  double tolerance = 0;
  /// The number of samples in the batch.
  std::size_t samples = 3;
  /// What inputs, weights and the layer's own random numbers are drawn from.
  std::uint64_t seed = 1;
};

/// What came out of a gradient check.
struct CORNU_API GradientReport {
  bool passed = true;
  double worst_error = 0;   ///< relative, over all elements
  std::string worst;        ///< "dense_1_W(2, 3)", where that was
  double analytic = 0;      ///< its derivative from backward
  double numeric = 0;       ///< and by differences
  std::size_t checked = 0;  ///< elements compared
  std::size_t kinks = 0;    ///< elements left out: the loss has a kink there (relu at 0)

  /// "passed: 45 elements, 2 at kinks, worst error 3.1e-10 at dense_1_W(2, 3) ..."
  std::string to_string() const;
};

/// Compares derivatives with differences, array by array. Used for layers below and for whole
/// models; for a loss of your own, call `compare` for each array and then `report`.
class CORNU_API GradientComparison {
 public:
  explicit GradientComparison(const GradientCheckOptions& options = {});

  /// `loss` gives L at the present values; `gradient` is dL/dvalues there. Each element of `values`
  /// is moved and put back. Where differences with smaller and smaller steps do not settle, or a
  /// derivative lies between those from the left and from the right, there is a kink: the element
  /// is left out and counted.
  void compare(const std::string& name, const Shape& shape, Array values, ConstArray gradient,
               const std::function<double()>& loss);

  /// Not passed also when nothing was compared though elements were given, or more than half of
  /// them lie at kinks.
  const GradientReport& report() const noexcept { return report_; }

 private:
  double step_, tolerance_;
  GradientReport report_;
};

/// Checks a layer's backward against its forward in training: every element of every parameter and
/// input, for inputs of the given sample shapes, with L the scalar product of the output and random
/// numbers. The layer's own weights are not touched. Random layers draw the same numbers each time.
/// Throws ShapeError when the layer does not take such inputs.
CORNU_API GradientReport gradient_check(const Layer& layer, const std::vector<Shape>& inputs,
                                        const GradientCheckOptions& options = {});
inline GradientReport gradient_check(const LayerExample& example,
                                     const GradientCheckOptions& options = {}) {
  return gradient_check(*example.layer, example.inputs, options);
}

}  // namespace cornu
