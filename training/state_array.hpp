#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// One of the arrays of numbers that belong to the state of a metric or a callback: the best
/// weights so far, counts of classes. Files keep them like weights, not as JSON values.
struct StateArray {
  std::string name;  ///< unique within its owner
  Tensor values;
};
using StateArrays = std::vector<StateArray>;

namespace detail {

/// The array of that name. Throws FormatError, asked for at `place`, when there is none.
CORNU_API const Tensor& find_state_array(const StateArrays& arrays, std::string_view name,
                                         std::string_view place);

/// Sums and counts as an array (N, 3): each number is the exact sum of its row, also where Scalar
/// is `float`. They are finite and within the range of `float`.
CORNU_API Tensor sums_to_tensor(std::span<const double> sums);
/// The numbers of such an array. Throws FormatError unless there are `size` of them, all finite and
/// not negative.
CORNU_API std::vector<double> sums_from_tensor(const Tensor& tensor, std::size_t size,
                                               std::string_view place);

}  // namespace detail
}  // namespace cornu
