#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/models/saving/model_file.hpp"

namespace cornu::detail {

void compare_check(const CheckSample& sample, const std::vector<Tensor>& outputs,
                   std::string_view place) {
  const std::string where = std::string(place) + ": check";
  if (outputs.size() != sample.outputs.size())
    throw FormatError(where, "expected " + std::to_string(outputs.size()) + " outputs, got " +
                                 std::to_string(sample.outputs.size()));
  for (std::size_t output = 0; output < outputs.size(); ++output) {
    const Tensor& expected = sample.outputs[output];
    const Tensor& got = outputs[output];
    const std::string name = "output " + std::to_string(output);
    if (!(got.shape() == expected.shape()))
      throw FormatError(where, name + " has shape " + got.shape().to_string() +
                                   ", when the file was written it had " +
                                   expected.shape().to_string());
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double a = got.data()[i], b = expected.data()[i];
      if (std::abs(a - b) <= check_tolerance * (1 + std::abs(b))) continue;
      throw FormatError(where,
                        name + ", number " + std::to_string(i) + ", is " + std::to_string(a) +
                            ", when the file was written it was " + std::to_string(b),
                        "the file was changed, or this version of Cornu computes something else; "
                        "LoadOptions::check = false loads it all the same");
    }
  }
}

}  // namespace cornu::detail
