#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "cornu/graph/container.hpp"
#include "cornu/graph/variables.hpp"

namespace cornu {

/// One layer call of a graph whose containers have been opened.
struct FlatNode {
  LayerPtr layer;
  std::vector<std::size_t> inputs;  ///< indices of earlier nodes
  Shape shape;                      ///< of one sample of the output
  std::vector<DeclaredScratch> caches, workspaces;
  Traits traits;
  bool trainable = false;  ///< neither the layer nor a container around this call is frozen
  const ActivityRegularizer* penalty = nullptr;  ///< on the output, null for none
  /// The node that writes the mask which the output carries, or `none`.
  std::size_t mask = none;

  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  bool is_input() const { return inputs.empty(); }
};

/// A graph as a list of layer calls in an order of computation; what no output needs is left out.
struct CORNU_API FlatGraph {
  std::vector<FlatNode> nodes;
  std::vector<std::size_t> inputs;   ///< the nodes that read the caller's arrays, in their order
  std::vector<std::size_t> outputs;  ///< the nodes that make the outputs, in their order

  explicit FlatGraph(const Container& container);

  /// Whether some node reads the output of this one.
  bool consumed(std::size_t node) const;
  /// The layers that have parameters to train, once each, in the order of the nodes.
  std::vector<LayerPtr> trained_layers() const;
};

}  // namespace cornu
