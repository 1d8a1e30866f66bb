#include "cornu/training/weights.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {

Tensor weights_of_classes(ConstView targets, const std::map<std::size_t, double>& class_weight,
                          std::string_view place) {
  if (targets.shape.rank() > 2)
    throw ShapeError(
        place,
        "expected targets of at most 2 axes with class_weight, got " + targets.shape.to_string(),
        "give sample_weight instead");
  for (const auto& [label, factor] : class_weight)
    if (!std::isfinite(factor))
      throw ConfigError(place, "expected a finite class_weight for the class " +
                                   std::to_string(label) + ", got " + detail::number_text(factor));
  const std::size_t samples = targets.shape.front(), columns = targets.size() / samples;
  Tensor weights(Shape{samples});
  for (std::size_t n = 0; n < samples; ++n) {
    const Scalar* row = targets.data + n * columns;
    const double label = columns > 1
                             ? static_cast<double>(std::max_element(row, row + columns) - row)
                             : static_cast<double>(row[0]);
    const auto found = label >= 0 && label == std::floor(label)
                           ? class_weight.find(static_cast<std::size_t>(label))
                           : class_weight.end();
    if (found == class_weight.end())
      throw ConfigError(place,
                        "class_weight has no factor for the class " + detail::number_text(label) +
                            " of sample " + std::to_string(n),
                        "give a factor for every class that occurs");
    weights.data()[n] = static_cast<Scalar>(found->second);
  }
  return weights;
}

}  // namespace cornu
