// The mode `concat` of Merge.

#include <algorithm>

#include "cornu/core/axes.hpp"
#include "cornu/core/error.hpp"
#include "cornu/layers/merging/mode.hpp"

namespace cornu::detail {
namespace {

/// The inputs side by side along one axis. Seen from it, each is rows of size * inner numbers,
/// which lie one behind the other in the rows of y.
class Concatenation final : public MergeMode {
 public:
  explicit Concatenation(int axis) : axis_(axis) {}

  bool reads_input() const override { return false; }

  Shape build(std::span<const Shape> inputs, const std::string& place) const override {
    const std::size_t axis = sample_axis(axis_, inputs[0], place, "concat_axis");
    std::vector<std::size_t> sizes(inputs[0].begin(), inputs[0].end());
    for (const Shape& shape : inputs.subspan(1)) {
      bool fits = shape.rank() == sizes.size();
      for (std::size_t i = 0; fits && i < sizes.size(); ++i)
        fits = i == axis || shape[i] == inputs[0][i];
      if (!fits)
        throw ShapeError(place, "mode 'concat' expects inputs that differ only along axis " +
                                    std::to_string(axis + 1) + ", got " +
                                    inputs[0].to_string_with_samples() + " and " +
                                    shape.to_string_with_samples());
      sizes[axis] += shape[axis];
    }
    return Shape(sizes);
  }

  void forward(const Forward& run) const override {
    Scalar* to = run.y.data;
    const std::size_t stride = width(run.y.shape);
    for (const ConstView& x : run.inputs) {
      const std::size_t columns = width(x.shape);
      for (std::size_t r = 0; r * columns < x.size(); ++r)
        std::copy_n(x.data + r * columns, columns, to + r * stride);
      to += columns;
    }
  }

  void backward(const Backward& run) const override {
    const Scalar* from = run.dy.data;
    const std::size_t stride = width(run.dy.shape);
    for (std::size_t i = 0; i < run.inputs.size(); ++i) {
      const View& dx = run.dinputs[i];
      const std::size_t columns = width(run.inputs[i].shape);
      for (std::size_t r = 0; r * columns < dx.size(); ++r)
        std::copy_n(from + r * stride, columns, dx.data + r * columns);
      from += columns;
    }
  }

  // Along time the masks stand one after the other too; an input without one is seen.
  void join_masks(const Forward& run) const override {
    if (*resolve_axis(axis_, run.y.shape.rank()) != 1) return MergeMode::join_masks(run);
    Scalar* to = run.output_mask.data();
    for (std::size_t n = 0; n < run.y.shape.front(); ++n)
      for (std::size_t i = 0; i < run.inputs.size(); ++i) {
        const ConstArray mask = run.mask(i);
        const std::size_t steps = run.inputs[i].shape[1];
        to = mask.empty() ? std::fill_n(to, steps, Scalar{1})
                          : std::copy_n(mask.data() + n * steps, steps, to);
      }
  }

 private:
  /// The numbers of a row.
  std::size_t width(const Shape& shape) const {
    const AxisView view = along(*resolve_axis(axis_, shape.rank()), shape);
    return view.size * view.inner;
  }

  int axis_;
};

}  // namespace

MergeModePtr concatenation(int axis) { return std::make_unique<Concatenation>(axis); }

}  // namespace cornu::detail
