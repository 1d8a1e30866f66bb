#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cornu/layers/checking/gradient_check.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

struct LayerCheckOptions {
  GradientCheckOptions gradients = {};
  std::uint64_t seed = 1;
  /// The number of allocations made so far by the calling thread or program, if the caller can
  /// count them; forward, backward and update are then held to making none.
  std::function<std::uint64_t()> allocations = {};
};

/// What `check_layer` found wrong, in words; empty when the layer keeps its promises.
struct CORNU_API LayerReport {
  std::vector<std::string> failures;

  bool passed() const noexcept { return failures.empty(); }
  /// The failures, one a line, or "passed".
  std::string to_string() const;
};

/// Holds a layer to everything that `Layer` promises of one, on inputs of the given sample shapes:
///
///  - build says the same each time, and all that it declares is used within its bounds
///  - forward writes every element of its output (and mask), changes neither input nor weights,
///    reads nothing that it did not write, and gives the same bits each time, from several threads
///  - training and testing agree unless the layer says that they differ; random numbers matter only
///    to a layer that says so
///  - backward agrees with differences; it adds to parameter gradients and assigns input gradients,
///    and leaves out those that are not wanted; it reads x and y only if the layer says so
///  - working in place, where declared, gives the same bits
///  - all this for batches of 1, 2 and 7 samples
///  - update leaves finite states; layers that do not declare it have none to move
///  - what is carried is moved on by update, in testing too, and by nothing else
///  - masks are seen by the layers whose rule says so (one step is masked); those made are 0 and 1
///  - a layer that takes indices gets indices, and no gradient is asked of it for them
///  - the config makes the same layer again; weights survive get_weights and set_weights
///
/// For a layer of your own, `check_layer(*layer, {Shape{3}})` in a test is all that is needed; what
/// the config says is checked for registered classes. Works on arrays of its own.
CORNU_API LayerReport check_layer(const Layer& layer, const std::vector<Shape>& inputs,
                                  const LayerCheckOptions& options = {});
inline LayerReport check_layer(const LayerExample& example, const LayerCheckOptions& options = {}) {
  return check_layer(*example.layer, example.inputs, options);
}

}  // namespace cornu
