#include "cornu/layers/merging/mode.hpp"

#include <algorithm>

namespace cornu::detail {

void MergeMode::join_masks(const Forward& run) const {
  const Array joined = run.output_mask;
  std::fill(joined.begin(), joined.end(), Scalar{1});
  for (std::size_t i = 0; i < run.inputs.size(); ++i) {
    const ConstArray mask = run.mask(i);
    for (std::size_t step = 0; step < mask.size(); ++step)
      if (mask[step] == 0) joined[step] = 0;
  }
}

}  // namespace cornu::detail
