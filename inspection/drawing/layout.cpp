#include "cornu/inspection/drawing/layout.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "cornu/inspection/drawing/layers.hpp"

namespace cornu::detail {
namespace {

class Layouter {
 public:
  Layouter(const std::vector<LayoutBox>& boxes, const std::vector<LayoutEdge>& edges)
      : boxes_(boxes), edges_(edges) {}

  Layout run() {
    find_ranks();
    make_items();
    order_layers(graph_);
    place_layers(graph_);
    place_ranks();
    Layout layout{.width = 0, .height = bottom_.empty() ? 0 : bottom_.back()};
    shift_to_zero(layout);
    for (std::size_t b = 0; b < boxes_.size(); ++b) layout.centers.push_back(center(b));
    make_routes(layout);
    return layout;
  }

 private:
  /// The edges that leave one box at one place, which share a line: its passing places by rank.
  struct Trunk {
    std::vector<std::size_t> passing;
    std::vector<std::size_t> targets;
  };

  /// The longest way from the top; what nothing leads to moves down to where it is read.
  void find_ranks() {
    rank_.assign(boxes_.size(), 0);
    std::vector<bool> led_to(boxes_.size(), false);
    std::vector<LayoutEdge> sorted = edges_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const LayoutEdge& a, const LayoutEdge& b) { return a.from < b.from; });
    for (const LayoutEdge& edge : sorted) {
      rank_[edge.to] = std::max(rank_[edge.to], rank_[edge.from] + 1);
      led_to[edge.to] = true;
    }
    const std::size_t last = *std::max_element(rank_.begin(), rank_.end());
    std::vector<std::size_t> nearest(boxes_.size(), last + 1);
    for (auto edge = sorted.rbegin(); edge != sorted.rend(); ++edge)
      nearest[edge->from] = std::min(nearest[edge->from], rank_[edge->to]);
    for (std::size_t b = 0; b < boxes_.size(); ++b) {
      if (boxes_[b].pin == LayoutBox::Pin::bottom) rank_[b] = last;
      if (boxes_[b].pin == LayoutBox::Pin::none && !led_to[b] && nearest[b] <= last)
        rank_[b] = nearest[b] - 1;
    }
    graph_.layers.resize(last + 1);
  }

  void make_items() {
    for (std::size_t b = 0; b < boxes_.size(); ++b) add_item(rank_[b], boxes_[b].width, false);
    for (const LayoutEdge& edge : edges_) {
      Trunk& trunk = trunks_[{edge.from, edge.leave}];
      trunk.targets.push_back(edge.to);
      while (rank_[edge.from] + trunk.passing.size() + 1 < rank_[edge.to]) {
        const std::size_t above = trunk.passing.empty() ? edge.from : trunk.passing.back();
        const double leave = trunk.passing.empty() ? edge.leave : 0;
        trunk.passing.push_back(add_item(rank_[edge.from] + trunk.passing.size() + 1, 0, true));
        link(above, trunk.passing.back(), leave);
      }
      const std::size_t steps = rank_[edge.to] - rank_[edge.from];
      if (steps == 1)
        link(edge.from, edge.to, edge.leave);
      else
        link(trunk.passing[steps - 2], edge.to, 0);
    }
  }

  std::size_t add_item(std::size_t rank, double width, bool passing) {
    graph_.items.push_back({.layer = rank, .width = width, .passing = passing});
    graph_.layers[rank].push_back(graph_.items.size() - 1);
    return graph_.items.size() - 1;
  }

  /// An edge between two boxes is to be upright before all; lines that pass others give way.
  void link(std::size_t above, std::size_t below, double leave) {
    LayerItem& a = graph_.items[above];
    LayerItem& b = graph_.items[below];
    const double weight = a.passing || b.passing ? 0.3 : 4;
    a.down.push_back({below, leave, weight});
    b.up.push_back({above, -leave, weight});
  }

  /// Ranks from top to bottom, further apart where edges have far to go sideways.
  void place_ranks() {
    double y = 0;
    for (std::size_t r = 0; r < graph_.layers.size(); ++r) {
      double height = 0, sideways = 0;
      for (const std::size_t i : graph_.layers[r]) {
        if (i < boxes_.size()) height = std::max(height, boxes_[i].height);
        for (const LayerItem::Link& link : graph_.items[i].down)
          sideways = std::max(sideways,
                              std::abs(graph_.items[link.item].x - link.shift - graph_.items[i].x));
      }
      top_.push_back(y);
      bottom_.push_back(y + height);
      y += height + 30 + std::clamp((sideways - 40) * 0.1, 0.0, 50.0);
    }
  }

  void shift_to_zero(Layout& layout) {
    double left = HUGE_VAL, right = -HUGE_VAL;
    for (const LayerItem& item : graph_.items) {
      left = std::min(left, item.x - item.width / 2);
      right = std::max(right, item.x + item.width / 2);
    }
    for (LayerItem& item : graph_.items) item.x -= left;
    layout.width = right - left;
  }

  Point center(std::size_t box) const {
    return {graph_.items[box].x, (top_[rank_[box]] + bottom_[rank_[box]]) / 2};
  }

  void make_routes(Layout& layout) const {
    for (const auto& [start, trunk] : trunks_) {
      const auto& [from, leave] = start;
      const double x = graph_.items[from].x + leave;
      std::vector<Point> line{{x, center(from).y + boxes_[from].height / 2},
                              {x, bottom_[rank_[from]]}};
      std::vector<Point> ends{line.back()};
      for (const std::size_t passing : trunk.passing) {
        const LayerItem& item = graph_.items[passing];
        line.push_back({item.x, top_[item.layer]});
        line.push_back({item.x, bottom_[item.layer]});
        ends.push_back(line.back());
      }
      // The furthest target ends the line itself, the others branch off.
      const std::size_t furthest =
          *std::max_element(trunk.targets.begin(), trunk.targets.end(),
                            [this](std::size_t a, std::size_t b) { return rank_[a] < rank_[b]; });
      for (const std::size_t target : trunk.targets) {
        std::vector<Point> way{ends[rank_[target] - rank_[from] - 1]};
        if (target == furthest) way = line;
        const double to = graph_.items[target].x;
        way.push_back({to, top_[rank_[target]]});
        way.push_back({to, center(target).y - boxes_[target].height / 2});
        layout.routes.push_back({target, std::move(way)});
      }
    }
  }

  const std::vector<LayoutBox>& boxes_;
  const std::vector<LayoutEdge>& edges_;
  std::vector<std::size_t> rank_;
  std::map<std::pair<std::size_t, double>, Trunk> trunks_;
  LayeredGraph graph_;
  std::vector<double> top_, bottom_;  ///< of the ranks
};

}  // namespace

Layout lay_out(const std::vector<LayoutBox>& boxes, const std::vector<LayoutEdge>& edges) {
  return boxes.empty() ? Layout{} : Layouter(boxes, edges).run();
}

}  // namespace cornu::detail
