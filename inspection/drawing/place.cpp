#include <algorithm>
#include <cmath>

#include "cornu/inspection/drawing/layers.hpp"

namespace cornu::detail {
namespace {

/// Where something would like to be, and how much.
struct Wish {
  double x, weight;
};

/// The x with half of the weight on either side; the middle of all such.
double median(std::vector<Wish>& wishes) {
  std::sort(wishes.begin(), wishes.end(), [](const Wish& a, const Wish& b) { return a.x < b.x; });
  double half = 0;
  for (const Wish& wish : wishes) half += wish.weight / 2;
  double before = 0;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    before += wishes[i].weight;
    if (before > half * (1 + 1e-9)) return wishes[i].x;
    if (before >= half * (1 - 1e-9) && i + 1 < wishes.size())
      return (wishes[i].x + wishes[i + 1].x) / 2;
  }
  return wishes.back().x;
}

double distance(const LayerItem& left, const LayerItem& right) {
  const double gap = left.passing && right.passing ? 16 : left.passing || right.passing ? 22 : 30;
  return (left.width + right.width) / 2 + gap;
}

/// Who moves: everything, towards its neighbours; or passing places alone, each under the one
/// above and then over the one below, so that what a wide box pushes aside is aside all along.
enum class Moves { all, lines };

Wish wish_of(const LayeredGraph& graph, const LayerItem& item, bool by_upper, Moves moves) {
  const auto& links = by_upper ? item.up : item.down;
  if (moves == Moves::lines && !item.passing) return {item.x, 100};
  if (moves == Moves::lines) {
    const LayerItem::Link& next = links[0];
    const bool end = !by_upper && !graph.items[next.item].passing;
    return {end ? item.x : graph.items[next.item].x - next.shift, 1};
  }
  // Without neighbours on that side it would rather stay.
  if (links.empty()) return {item.x, 0.01};
  std::vector<Wish> wishes;
  double weight = 0;
  for (const LayerItem::Link& link : links) {
    wishes.push_back({graph.items[link.item].x - link.shift, link.weight});
    weight += link.weight;
  }
  return {median(wishes), weight};
}

/// Moves a layer's items to where they wish to be as far as order and distances allow: minimizes
/// the weighted sum of |x - wish|. Less the distances that must lie to the left of it, each x must
/// not be smaller than the one before: an isotonic regression, by pooling adjacent violators.
void place_layer(LayeredGraph& graph, std::size_t l, bool by_upper, Moves moves) {
  struct Pool {
    std::vector<Wish> wishes;
    double x;
    std::size_t count;
  };
  std::vector<Pool> pools;
  std::vector<double> offsets;
  for (const std::size_t i : graph.layers[l]) {
    const LayerItem& item = graph.items[i];
    offsets.push_back(offsets.empty()
                          ? 0
                          : offsets.back() +
                                distance(graph.items[graph.layers[l][offsets.size() - 1]], item));
    Wish wish = wish_of(graph, item, by_upper, moves);
    wish.x -= offsets.back();
    pools.push_back({{wish}, wish.x, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].x > pools.back().x) {
      Pool last = std::move(pools.back());
      pools.pop_back();
      Pool& pool = pools.back();
      pool.wishes.insert(pool.wishes.end(), last.wishes.begin(), last.wishes.end());
      pool.x = median(pool.wishes);
      pool.count += last.count;
    }
  }
  std::size_t at = 0;
  for (const Pool& pool : pools)
    for (std::size_t k = 0; k < pool.count; ++k, ++at)
      graph.items[graph.layers[l][at]].x = pool.x + offsets[at];
}

/// How far the links are from upright.
double slant(const LayeredGraph& graph) {
  double sum = 0;
  for (const LayerItem& item : graph.items)
    for (const LayerItem::Link& link : item.down)
      sum += link.weight * std::abs(graph.items[link.item].x - link.shift - item.x);
  return sum;
}

void place_down(LayeredGraph& graph, Moves moves) {
  for (std::size_t l = 0; l < graph.layers.size(); ++l) place_layer(graph, l, true, moves);
}

void place_up(LayeredGraph& graph, Moves moves) {
  for (std::size_t l = graph.layers.size(); l-- > 0;) place_layer(graph, l, false, moves);
}

}  // namespace

void place_layers(LayeredGraph& graph) {
  place_down(graph, Moves::all);
  std::vector<double> best;
  double least = 0;
  for (int sweep = 0; sweep < 12; ++sweep) {
    place_up(graph, Moves::all);
    place_down(graph, Moves::all);
    place_up(graph, Moves::all);
    const double now = slant(graph);
    if (!best.empty() && now >= least) continue;
    least = now;
    best.clear();
    for (const LayerItem& item : graph.items) best.push_back(item.x);
  }
  for (std::size_t i = 0; i < best.size(); ++i) graph.items[i].x = best[i];
  place_down(graph, Moves::lines);
  place_up(graph, Moves::lines);
}

}  // namespace cornu::detail
