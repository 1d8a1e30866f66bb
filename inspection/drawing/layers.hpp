#pragma once

// Not a public header.

#include <cstddef>
#include <vector>

#include "cornu/inspection/drawing/layout.hpp"

/// The steps of the layered layout.
namespace cornu::detail {

/// A box in its layer, or a place where a long edge passes a layer.
struct LayerItem {
  struct Link {
    std::size_t item;
    double shift;   ///< x of this item's end of the link less x of the other's, when upright
    double weight;  ///< how dear it is that the link is upright
  };
  std::size_t layer;
  double width;
  bool passing;
  std::vector<Link> up = {}, down = {};
  std::size_t position = 0;  ///< in its layer, from the left
  double x = 0;              ///< of the middle
};

struct LayeredGraph {
  std::vector<LayerItem> items;  ///< the boxes, then the passing places
  std::vector<std::vector<std::size_t>> layers;
};

/// Puts each layer's items into an order with few crossings.
void order_layers(LayeredGraph& graph);
/// Gives every item its x: in order, not too close, links as upright as can be.
void place_layers(LayeredGraph& graph);

}  // namespace cornu::detail
