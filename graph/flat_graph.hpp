#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "cornu/graph/carried.hpp"
#include "cornu/graph/container.hpp"
#include "cornu/graph/variables.hpp"

namespace cornu {

/// One layer call of a graph whose containers have been opened.
struct FlatNode {
  LayerPtr layer;
  std::vector<std::size_t> inputs;  ///< indices of earlier nodes
  Shape shape;                      ///< of one sample of the output
  std::vector<DeclaredScratch> carries, caches, workspaces;
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

  /// Whether a shape has an open axis: then there is no plan for the graph, but for `closed`.
  bool open = false;
  /// What layers carry from batch to batch; null for nothing. Shared with all closed graphs.
  std::shared_ptr<CarriedState> carried;

  /// Throws ConfigError where a layer carries numbers and no input has a fixed number of samples,
  /// or such a layer is called twice.
  explicit FlatGraph(const Container& container);

  /// The same graph for inputs of these sample shapes, which its own open ones take. Throws
  /// ShapeError where a layer does not take them.
  std::shared_ptr<const FlatGraph> closed(std::span<const Shape> input_shapes) const;

  /// The bound of the indices that the readers of this node's output take; 0: they take any
  /// numbers.
  std::size_t indices_below(std::size_t node) const;
  /// Whether some node reads the output of this one.
  bool consumed(std::size_t node) const;
  /// The layers that have parameters to train, once each, in the order of the nodes.
  std::vector<LayerPtr> trained_layers() const;
};

}  // namespace cornu
