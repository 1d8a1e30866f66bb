#include "cornu/core/axes.hpp"

#include "cornu/core/error.hpp"

namespace cornu::detail {

std::size_t sample_axis(int axis, const Shape& sample_shape, const std::string& place,
                        const char* option) {
  const auto from_start = resolve_axis(axis, sample_shape.rank() + 1);
  if (!from_start || *from_start == 0)
    throw ConfigError(place,
                      std::string(option) + " expects an axis of " +
                          sample_shape.to_string_with_samples() + " other than the samples', got " +
                          std::to_string(axis),
                      "the samples' axis counts as 0; -1 is the last");
  return *from_start - 1;
}

AxisSet axis_set(std::span<const int> axes, const Shape& shape, const char* place) {
  AxisSet set;
  for (const int axis : axes) {
    const auto from_start = resolve_axis(axis, shape.rank());
    if (!from_start)
      throw ShapeError(place, "expected an axis of the weight's shape " + shape.to_string() +
                                  ", got axis " + std::to_string(axis));
    set.set(*from_start);
  }
  return set;
}

}  // namespace cornu::detail
