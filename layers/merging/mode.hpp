#pragma once

// Not a public header: how Merge joins its inputs, one class a mode.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cornu/layers/layer.hpp"

namespace cornu {

struct MergeOptions;

namespace detail {

/// One way to join inputs; the four functions are those of Layer. Chosen once, by the constructor
/// of Merge, and constant.
class MergeMode {
 public:
  virtual ~MergeMode() = default;

  /// Whether backward reads the inputs.
  virtual bool reads_input() const = 0;
  /// Throws ShapeError at `place` for inputs that the mode does not take.
  virtual Shape build(std::span<const Shape> inputs, const std::string& place) const = 0;
  virtual void forward(const Forward& run) const = 0;
  virtual void backward(const Backward& run) const = 0;
  virtual double multiplications(std::span<const Shape>) const { return 0; }

  /// What becomes of masks: they are joined, or dropped where time is summed over.
  virtual MaskRule mask() const { return MaskRule::join; }
  /// Writes `run.output_mask` (N, T) from the masks of those inputs that have one: a step is seen
  /// where all of them see it.
  virtual void join_masks(const Forward& run) const;
};

using MergeModePtr = std::unique_ptr<const MergeMode>;

/// sum, subtract, mul, ave, max, minimum; null for another name.
MergeModePtr elementwise_mode(const std::string& name);
MergeModePtr concatenation(int axis);
MergeModePtr dot_product(const std::vector<int>& axes);
MergeModePtr cosine(const std::vector<int>& axes);

}  // namespace detail
}  // namespace cornu
