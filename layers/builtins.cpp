#include "cornu/layers/builtins.hpp"

#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/layers/merge.hpp"

namespace cornu::detail {

// To add a layer: its two files, and its line here.
std::vector<std::pair<std::string, LayerClass>> builtin_layers() {
  return {
      {"Dense", layer_class<Dense>()},
      {"Activation", layer_class<Activation>()},
      {"Flatten", layer_class<Flatten>()},
      {"BatchNormalization", layer_class<BatchNormalization>()},
      {"Merge", layer_class<Merge>()},
  };
}

}  // namespace cornu::detail
