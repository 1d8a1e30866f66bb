#include "cornu/layers/reshape.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/layers/copy.hpp"

namespace cornu {

void ReshapeOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("target_shape", target_shape, Range::at_least(-1),
               "the sizes without the samples' axis; one may be -1, what is left over");
}

Reshape::Reshape(ReshapeOptions options) : ConfiguredLayer("Reshape", std::move(options)) {
  const std::vector<int>& target = options_.target_shape;
  if (target.empty() || target.size() >= Shape::max_rank)
    throw ConfigError(
        place(), "expected a target_shape of 1 to 7 sizes, got " + std::to_string(target.size()));
  if (std::count(target.begin(), target.end(), 0) != 0)
    throw ConfigError(place(), "expected sizes above 0 in target_shape, or one -1, got 0");
  if (std::count(target.begin(), target.end(), -1) > 1)
    throw ConfigError(place(), "expected at most one -1 in target_shape, got several");
}

// The order of the numbers stays.
Traits Reshape::traits() const { return {.reads_input = false, .in_place = true}; }

Shape Reshape::build(const Shape& input, Builder&) const {
  std::vector<std::size_t> known;
  for (const int size : options_.target_shape)
    if (size != -1) known.push_back(static_cast<std::size_t>(size));
  const std::size_t given = Shape(known).size(), all = input.size();
  const bool open = known.size() < options_.target_shape.size();
  if (open ? all % given != 0 : all != given)
    throw ShapeError(place(),
                     "the total size must stay: " + input.to_string() + " has " +
                         std::to_string(all) + " numbers, target_shape " + std::to_string(given) +
                         (open ? " times what -1 stands for" : ""),
                     "the samples' axis is not part of target_shape");
  std::vector<std::size_t> sizes;
  for (const int size : options_.target_shape)
    sizes.push_back(size == -1 ? all / given : static_cast<std::size_t>(size));
  return Shape(sizes);
}

void Reshape::forward(const Forward& run) const { detail::copy(run.x(), run.y); }

void Reshape::backward(const Backward& run) const {
  if (run.dx()) detail::copy(run.dy, run.dx());
}

std::vector<LayerExample> Reshape::examples() {
  const auto reshape = [](std::vector<int> target) {
    return std::make_shared<Reshape>(ReshapeOptions{.target_shape = std::move(target)});
  };
  return {{reshape({8, 1}), {Shape{2, 4}}},
          {reshape({2, -1, 2}), {Shape{12}}},
          {reshape({-1}), {Shape{2, 3}}}};
}

}  // namespace cornu
