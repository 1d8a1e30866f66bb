#include "cornu/layers/merge.hpp"

#include "cornu/core/error.hpp"
#include "cornu/layers/merging/mode.hpp"

namespace cornu {
namespace {

detail::MergeModePtr make_mode(const MergeOptions& options) {
  if (options.mode == "concat") return detail::concatenation(options.concat_axis);
  if (options.mode == "dot") return detail::dot_product(options.dot_axes);
  if (options.mode == "cos") return detail::cosine(options.dot_axes);
  return detail::elementwise_mode(options.mode);
}

}  // namespace

void MergeOptions::describe(Fields& fields) {
  // Keras writes how a mode or an output shape was given; here both are always plain values.
  std::string raw = "raw";
  std::size_t no_shape = 0;
  fields.field("name", name, "unique within a model; made up when empty");
  fields.field("mode", mode,
               {"sum", "mul", "ave", "max", "concat", "dot", "cos", "subtract", "minimum"},
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
  mode_ = make_mode(options_);
}

Merge::Merge(Merge&& other) noexcept = default;
Merge::~Merge() = default;

Traits Merge::traits() const {
  const bool by_itself = options_.mode != "dot" && options_.mode != "cos";
  return {.reads_input = mode_->reads_input(), .mask = mode_->mask(), .causal = by_itself};
}

Shape Merge::build(std::span<const Shape> inputs, Builder&) const {
  if (inputs.size() < 2)
    throw ShapeError(place(), "expected at least two inputs, got " + std::to_string(inputs.size()),
                     "merge(nodes) joins several nodes");
  return mode_->build(inputs, place());
}

void Merge::forward(const Forward& run) const {
  mode_->forward(run);
  if (!run.output_mask.empty()) mode_->join_masks(run);
}

void Merge::backward(const Backward& run) const { mode_->backward(run); }

double Merge::multiplications(std::span<const Shape> inputs) const {
  return mode_->multiplications(inputs);
}

std::vector<LayerExample> Merge::examples() {
  const auto example = [](MergeOptions options, std::vector<Shape> inputs) -> LayerExample {
    return {std::make_shared<Merge>(std::move(options)), std::move(inputs)};
  };
  return {example({.mode = "sum"}, {{4}, {4}, {4}}),
          example({.mode = "mul"}, {{2, 3}, {2, 3}, {2, 3}}),
          example({.mode = "ave"}, {{4}, {4}}),
          example({.mode = "max"}, {{3}, {3}}),
          example({.mode = "minimum"}, {{3}, {3}, {3}}),
          example({.mode = "subtract"}, {{2, 2}, {2, 2}}),
          example({.mode = "concat"}, {{2}, {5}, {1}}),
          example({.mode = "concat", .concat_axis = 1}, {{2, 3}, {1, 3}}),
          example({.mode = "dot"}, {{4}, {4}}),
          example({.mode = "dot", .dot_axes = {1, 2}}, {{3, 2}, {4, 3}}),
          example({.mode = "dot", .dot_axes = {2, 2}}, {{2, 3, 2}, {2, 3, 3}}),
          example({.mode = "cos"}, {{4}, {4}})};
}

}  // namespace cornu
