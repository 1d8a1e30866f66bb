#include <algorithm>
#include <numeric>

#include "cornu/inspection/drawing/layers.hpp"

namespace cornu::detail {
namespace {

using Order = std::vector<std::vector<std::size_t>>;

void number_positions(LayeredGraph& graph) {
  for (const auto& layer : graph.layers)
    for (std::size_t i = 0; i < layer.size(); ++i) graph.items[layer[i]].position = i;
}

/// Sorts a layer by the mean position of each item's neighbours; items without any stay.
void sort_layer(LayeredGraph& graph, std::size_t l, bool by_upper) {
  std::vector<std::pair<double, std::size_t>> keyed;
  for (const std::size_t i : graph.layers[l]) {
    const LayerItem& item = graph.items[i];
    const auto& links = by_upper ? item.up : item.down;
    double sum = 0;
    for (const LayerItem::Link& link : links)
      sum += static_cast<double>(graph.items[link.item].position);
    keyed.emplace_back(links.empty() ? static_cast<double>(item.position)
                                     : sum / static_cast<double>(links.size()),
                       i);
  }
  std::stable_sort(keyed.begin(), keyed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    graph.layers[l][i] = keyed[i].second;
    graph.items[keyed[i].second].position = i;
  }
}

/// Pairs of links below layer l that cross, counted with a Fenwick tree over the lower positions
/// (Barth, Juenger and Mutzel 2002).
std::size_t crossings_below(const LayeredGraph& graph, std::size_t l) {
  std::vector<std::size_t> tree(graph.layers[l + 1].size() + 1, 0), below;
  std::size_t crossings = 0, seen = 0;
  for (const std::size_t i : graph.layers[l]) {
    below.clear();
    for (const LayerItem::Link& link : graph.items[i].down)
      below.push_back(graph.items[link.item].position + 1);
    for (const std::size_t position : below) {
      std::size_t not_right = 0;
      for (std::size_t at = position; at > 0; at &= at - 1) not_right += tree[at];
      crossings += seen - not_right;
    }
    for (const std::size_t position : below)
      for (std::size_t at = position; at < tree.size(); at += at & (~at + 1)) ++tree[at];
    seen += below.size();
  }
  return crossings;
}

std::size_t crossings(const LayeredGraph& graph) {
  std::size_t sum = 0;
  for (std::size_t l = 0; l + 1 < graph.layers.size(); ++l) sum += crossings_below(graph, l);
  return sum;
}

}  // namespace

void order_layers(LayeredGraph& graph) {
  number_positions(graph);
  for (std::size_t l = 1; l < graph.layers.size(); ++l) sort_layer(graph, l, true);
  Order best = graph.layers;
  std::size_t fewest = crossings(graph);
  for (int sweep = 0; sweep < 12 && fewest > 0; ++sweep) {
    for (std::size_t l = graph.layers.size() - 1; l-- > 0;) sort_layer(graph, l, false);
    for (std::size_t l = 1; l < graph.layers.size(); ++l) sort_layer(graph, l, true);
    const std::size_t now = crossings(graph);
    if (now >= fewest) continue;
    fewest = now;
    best = graph.layers;
  }
  graph.layers = std::move(best);
  number_positions(graph);
}

}  // namespace cornu::detail
