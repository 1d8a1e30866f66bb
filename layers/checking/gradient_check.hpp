#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct GradientCheckOptions {
  /// The distance h of the first differences, relative to max(1, |v|); nearer ones are taken where
  /// the loss bends or breaks within it. 0 for a good one: 2^-9 in double, 2^-4 in float.
  double step = 0;
  /// What |analytic - numeric| / max(|analytic|, |numeric|) may reach, beyond what the differences
  /// may be off themselves; 0 for a good one: 1e-6 in double, 2e-4 in float.
  double tolerance = 0;
  /// The number of samples in the batch.
  std::size_t samples = 3;
  /// What inputs, weights and the layer's own random numbers are drawn from.
  std::uint64_t seed = 1;
};

/// What came out of a gradient check.
struct CORNU_API GradientReport {
  bool passed = true;
  /// Relative, over all elements: how much the two differ for certain, rounding, curvature and
  /// kinks taken off. 0 where the differences cannot tell them apart.
  double worst_error = 0;
  std::string worst;        ///< "dense_1_W(2, 3)", where that was
  double analytic = 0;      ///< its derivative from backward
  double numeric = 0;       ///< and by differences
  std::size_t checked = 0;  ///< elements compared
  std::size_t kinks = 0;    ///< elements left out: the loss has a kink there (relu at 0)

  /// "passed: 45 elements, 2 at kinks, worst error 3.1e-10 at dense_1_W(2, 3) ..."
  std::string to_string() const;
};

/// Numbers that a loss depends on, and what backward says of them.
struct CheckedArray {
  std::string name;
  Shape shape;
  Array values;
  ConstArray gradient;  ///< dL/dvalues
};

/// Compares derivatives with differences, element by element and for each array as a whole along
/// its gradient, which shows a factor that is off by a thousandth in float, too. `loss` gives L at
/// the present values; `gradients` makes the arrays' gradients for them.
///
/// Each difference comes with a bound of its error, from the loss's measured rounding, its bends
/// and its kinks; only what is beyond it counts. An element that seems wrong is looked at again at
/// other points nearby, all values moved a little at random: it is wrong when it is wrong there
/// too. One whose slope cannot be told there either, for kinks, is left out and counted. The values
/// are put back, also when `loss` throws.
///
/// Not passed also when more than half of the elements were left out. Throws NumericError when the
/// loss is not finite.
CORNU_API GradientReport compare_gradients(const std::vector<CheckedArray>& arrays,
                                           const std::function<double()>& loss,
                                           const std::function<void()>& gradients,
                                           const GradientCheckOptions& options = {});

/// The same for gradients that are known at one point only, array by array: where a derivative lies
/// between those from the left and from the right, there is a kink, and the element is left out and
/// counted.
class CORNU_API GradientComparison {
 public:
  explicit GradientComparison(const GradientCheckOptions& options = {}) : options_(options) {}

  void compare(const std::string& name, const Shape& shape, Array values, ConstArray gradient,
               const std::function<double()>& loss);
  const GradientReport& report() const noexcept { return report_; }

 private:
  GradientCheckOptions options_;
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
