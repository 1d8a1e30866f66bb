#include "cornu/layers/merge.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/merge_products.hpp"

namespace cornu {
namespace {

/// Keras's axis, which counts the samples' axis as 0, as an axis of the sample shape.
std::size_t sample_axis(int axis, const Shape& sample_shape, const Layer& layer,
                        const char* option) {
  const int rank = static_cast<int>(sample_shape.rank()) + 1;
  const int from_start = axis < 0 ? axis + rank : axis;
  if (from_start < 1 || from_start >= rank)
    throw ConfigError(layer.place(), std::string(option) + " expects an axis of " +
                                         sample_shape.to_string_with_samples() +
                                         " other than the samples', got " + std::to_string(axis));
  return static_cast<std::size_t>(from_start - 1);
}

/// The numbers before and from an axis on: an array as (N * outer) rows.
struct Strip {
  std::size_t outer, width;
};

Strip strip(const Shape& shape_with_samples, std::size_t axis) {
  Strip result{1, 1};
  for (std::size_t i = 0; i < shape_with_samples.rank(); ++i)
    (i < axis ? result.outer : result.width) *= shape_with_samples[i];
  return result;
}

}  // namespace

void MergeOptions::describe(Fields& fields) {
  // Keras writes how a mode or an output shape was given; here both are always plain values.
  std::string raw = "raw";
  std::size_t no_shape = 0;
  fields.field("name", name, "unique within a model; made up when empty");
  fields.field("mode", mode, {"sum", "mul", "ave", "max", "concat", "dot", "cos"},
               "how the inputs are joined");
  fields.field("mode_type", raw, {"raw"}, "always 'raw': the mode is a name");
  fields.field("concat_axis", concat_axis, Range::any(), "for concat; the samples' axis is 0");
  fields.field("dot_axes", dot_axes, Range::any(), "for dot and cos; one axis of each input");
  fields.optional("output_shape", no_shape, "always null: the shape follows from the mode");
  fields.field("output_shape_type", raw, {"raw"}, "always 'raw'");
}

Merge::Merge(MergeOptions options) : ConfiguredLayer("Merge", std::move(options)) {
  if (options_.dot_axes.size() == 1) options_.dot_axes.push_back(options_.dot_axes[0]);
  if (options_.dot_axes.size() != 2)
    throw ConfigError(place(), "dot_axes expects one or two axes, got " +
                                   std::to_string(options_.dot_axes.size()));
}

Traits Merge::traits() const {
  const bool linear = options_.mode == "sum" || options_.mode == "ave" || options_.mode == "concat";
  return {.reads_input = !linear};
}

Shape Merge::build(std::span<const Shape> inputs, Builder&) const {
  if (inputs.size() < 2)
    throw ShapeError(place(), "expected at least two inputs, got " + std::to_string(inputs.size()),
                     "merge(nodes) joins several nodes");
  if (options_.mode == "concat") return build_concat(inputs);
  if (options_.mode == "dot" || options_.mode == "cos") return build_dot(inputs);
  for (const Shape& shape : inputs)
    if (!(shape == inputs[0]))
      throw ShapeError(place(), "mode '" + options_.mode +
                                    "' expects inputs of equal shapes, got " +
                                    inputs[0].to_string_with_samples() + " and " +
                                    shape.to_string_with_samples());
  return inputs[0];
}

Shape Merge::build_concat(std::span<const Shape> inputs) const {
  const std::size_t axis = sample_axis(options_.concat_axis, inputs[0], *this, "concat_axis");
  std::vector<std::size_t> sizes(inputs[0].begin(), inputs[0].end());
  for (const Shape& shape : inputs.subspan(1)) {
    bool fits = shape.rank() == sizes.size();
    for (std::size_t i = 0; fits && i < sizes.size(); ++i)
      fits = i == axis || shape[i] == inputs[0][i];
    if (!fits)
      throw ShapeError(place(), "mode 'concat' expects inputs that differ only along axis " +
                                    std::to_string(axis + 1) + ", got " +
                                    inputs[0].to_string_with_samples() + " and " +
                                    shape.to_string_with_samples());
    sizes[axis] += shape[axis];
  }
  return Shape(sizes);
}

Shape Merge::build_dot(std::span<const Shape> inputs) const {
  if (inputs.size() != 2)
    throw ShapeError(place(), "mode '" + options_.mode + "' expects two inputs, got " +
                                  std::to_string(inputs.size()));
  const std::size_t axes[] = {sample_axis(options_.dot_axes[0], inputs[0], *this, "dot_axes"),
                              sample_axis(options_.dot_axes[1], inputs[1], *this, "dot_axes")};
  if (inputs[0][axes[0]] != inputs[1][axes[1]])
    throw ShapeError(place(), "mode '" + options_.mode + "' expects axes of equal size, got " +
                                  std::to_string(inputs[0][axes[0]]) + " and " +
                                  std::to_string(inputs[1][axes[1]]));
  if (options_.mode == "cos" && (inputs[0].rank() != 1 || inputs[1].rank() != 1))
    throw ShapeError(place(), "mode 'cos' expects inputs of shape (None, D), got " +
                                  inputs[0].to_string_with_samples() + " and " +
                                  inputs[1].to_string_with_samples());
  std::vector<std::size_t> sizes;
  for (std::size_t input = 0; input < 2; ++input)
    for (std::size_t i = 0; i < inputs[input].rank(); ++i)
      if (i != axes[input]) sizes.push_back(inputs[input][i]);
  return sizes.empty() ? Shape{1} : Shape(sizes);
}

void Merge::forward(const Forward& run) const {
  const std::string& mode = options_.mode;
  const View& y = run.y;
  if (mode == "concat") {
    const std::size_t axis =
        1 + sample_axis(options_.concat_axis, y.shape.without_samples(), *this, "concat_axis");
    const Strip all = strip(y.shape, axis);
    Scalar* to = y.data;
    for (const ConstView& x : run.inputs) {
      const Strip one = strip(x.shape, axis);
      for (std::size_t r = 0; r < one.outer; ++r)
        std::copy_n(x.data + r * one.width, one.width, to + r * all.width);
      to += one.width;
    }
    return;
  }
  if (mode == "cos") return detail::cos_forward(run);
  if (mode == "dot") {
    const auto operand = [&](std::size_t i) {
      const Shape shape = run.inputs[i].shape.without_samples();
      return detail::dot_operand(shape,
                                 sample_axis(options_.dot_axes[i], shape, *this, "dot_axes"));
    };
    return detail::dot_forward(run, operand(0), operand(1));
  }
  std::copy_n(run.x().data, y.size(), y.data);
  for (const ConstView& x : run.inputs.subspan(1)) {
    if (mode == "mul")
      kernels::multiply(y.data, x.data, y.data, y.size());
    else if (mode == "max")
      std::transform(y.data, y.data + y.size(), x.data, y.data,
                     [](Scalar a, Scalar b) { return std::max(a, b); });
    else
      kernels::add(y.data, x.data, y.data, y.size());
  }
  if (mode == "ave")
    for (Scalar& value : y.array()) value /= static_cast<Scalar>(run.inputs.size());
}

void Merge::backward(const Backward& run) const {
  const std::string& mode = options_.mode;
  if (mode == "cos") return detail::cos_backward(run);
  if (mode == "dot") {
    const auto operand = [&](std::size_t i) {
      const Shape shape = run.inputs[i].shape.without_samples();
      return detail::dot_operand(shape,
                                 sample_axis(options_.dot_axes[i], shape, *this, "dot_axes"));
    };
    return detail::dot_backward(run, operand(0), operand(1));
  }
  std::size_t at = 0;  // where an input's part begins in a row of the concatenation
  for (std::size_t i = 0; i < run.inputs.size(); ++i) {
    const View& dx = run.dinputs[i];
    if (mode == "concat") {
      const std::size_t axis = 1 + sample_axis(options_.concat_axis, run.dy.shape.without_samples(),
                                               *this, "concat_axis");
      const Strip one = strip(run.inputs[i].shape, axis), all = strip(run.dy.shape, axis);
      for (std::size_t r = 0; dx && r < one.outer; ++r)
        std::copy_n(run.dy.data + r * all.width + at, one.width, dx.data + r * one.width);
      at += one.width;
      continue;
    }
    if (!dx) continue;
    // sum: dx = dy; ave: dx = dy / count
    std::copy_n(run.dy.data, dx.size(), dx.data);
    if (mode == "ave")
      for (Scalar& value : dx.array()) value /= static_cast<Scalar>(run.inputs.size());
    for (std::size_t j = 0; j < run.inputs.size(); ++j) {
      if (j == i) continue;
      // mul: dx_i = dy * product of the others
      if (mode == "mul") kernels::multiply(dx.data, run.inputs[j].data, dx.data, dx.size());
      // max: dy goes to the largest, of equal ones to the first
      if (mode == "max")
        for (std::size_t e = 0; e < dx.size(); ++e) {
          const Scalar mine = run.inputs[i].data[e], other = run.inputs[j].data[e];
          if (other > mine || (other == mine && j < i)) dx.data[e] = 0;
        }
    }
  }
}

double Merge::multiplications(std::span<const Shape> inputs) const {
  if (options_.mode != "dot") return 0;
  const std::size_t summed =
      inputs[0][sample_axis(options_.dot_axes[0], inputs[0], *this, "dot_axes")];
  const std::size_t others = inputs[0].size() / std::max<std::size_t>(summed, 1);
  return static_cast<double>(others * inputs[1].size());
}

std::vector<LayerExample> Merge::examples() {
  const auto make = [](const char* mode) {
    return std::make_shared<Merge>(MergeOptions{.mode = mode});
  };
  return {{make("sum"), {Shape{4}, Shape{4}, Shape{4}}},
          {make("mul"), {Shape{2, 3}, Shape{2, 3}, Shape{2, 3}}},
          {make("ave"), {Shape{4}, Shape{4}}},
          {make("max"), {Shape{3}, Shape{3}}},
          {make("concat"), {Shape{2}, Shape{5}, Shape{1}}},
          {std::make_shared<Merge>(MergeOptions{.mode = "concat", .concat_axis = 1}),
           {Shape{2, 3}, Shape{1, 3}}},
          {make("dot"), {Shape{4}, Shape{4}}},
          {std::make_shared<Merge>(MergeOptions{.mode = "dot", .dot_axes = {1, 2}}),
           {Shape{3, 2}, Shape{4, 3}}},
          {make("cos"), {Shape{4}, Shape{4}}}};
}

}  // namespace cornu
