#pragma once

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

#include "cornu/graph/node.hpp"
#include "cornu/layers/merge.hpp"
#include "cornu/layers/time_distributed.hpp"

namespace cornu {

/// A layer of class L that is called like a function. Each call uses the same weights.
template <class L>
class LayerFunction {
 public:
  explicit LayerFunction(std::shared_ptr<L> layer) : layer_(std::move(layer)) {}

  Node operator()(const Node& input) const { return connect(layer_, {input}); }
  Node operator()(const std::vector<Node>& inputs) const { return connect(layer_, inputs); }
  /// The layer itself: its name, weights, `set_trainable`.
  L* operator->() const noexcept { return layer_.get(); }
  const std::shared_ptr<L>& pointer() const noexcept { return layer_; }
  /// For layers around another: `{.layer = layer<Dense>({.output_dim = 8})}`.
  operator WrappedLayer() const { return WrappedLayer(layer_); }  // NOLINT

 private:
  std::shared_ptr<L> layer_;
};

/// Makes a layer to call on nodes:
///
///     const Node x = input({784});
///     const Node h = layer<Dense>({.output_dim = 64, .activation = "relu"})(x);
///     const Node y = layer<Dense>({.output_dim = 10, .activation = "softmax"})(h);
///     Model model({x}, {y});
template <class L>
LayerFunction<L> layer(typename L::Options options = {}) {
  return LayerFunction<L>(std::make_shared<L>(std::move(options)));
}

/// The same from a layer that is made on the spot: `layer(Dense({.output_dim = 64}))(x)`.
template <std::derived_from<Layer> L>
LayerFunction<L> layer(L&& made) {
  return LayerFunction<L>(std::make_shared<L>(std::move(made)));
}

/// Joins nodes: `merge({a, b}, {.mode = "concat"})`. See Merge.
inline Node merge(const std::vector<Node>& nodes, MergeOptions options = {}) {
  return layer<Merge>(std::move(options))(nodes);
}

}  // namespace cornu
