#include "cornu/training/state_array.hpp"

#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"

namespace cornu::detail {
const Tensor& find_state_array(const StateArrays& arrays, std::string_view name,
                               std::string_view place) {
  const auto found = std::find_if(arrays.begin(), arrays.end(),
                                  [name](const StateArray& array) { return array.name == name; });
  if (found == arrays.end())
    throw FormatError(place, "the array '" + std::string(name) + "' of its state is missing");
  return found->values;
}

Tensor sums_to_tensor(std::span<const double> sums) {
  Tensor result(Shape{sums.size(), 3});
  for (std::size_t i = 0; i < sums.size(); ++i) {
    double rest = sums[i];
    for (std::size_t part = 0; part < 3; ++part) {
      result(i, part) = static_cast<Scalar>(rest);
      rest -= static_cast<double>(result(i, part));
    }
  }
  return result;
}

std::vector<double> sums_from_tensor(const Tensor& tensor, std::size_t size,
                                     std::string_view place) {
  if (!(tensor.shape() == Shape{size, 3}))
    throw FormatError(place, "expected sums of shape " + Shape{size, 3}.to_string() + ", got " +
                                 tensor.shape().to_string());
  std::vector<double> sums(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t part = 3; part-- > 0;) sums[i] += static_cast<double>(tensor(i, part));
    if (!(std::isfinite(sums[i]) && sums[i] >= 0))
      throw FormatError(place, "expected a sum of weights, got " + std::to_string(sums[i]));
  }
  return sums;
}

}  // namespace cornu::detail
