#pragma once

// Not a public header.

#include <cstddef>
#include <vector>

/// Where boxes and edges of a drawing go; knows nothing of what they stand for.
namespace cornu::detail {

struct LayoutBox {
  double width = 0, height = 0;
  /// Kept at the top or at the bottom: an end of the edges that come in from outside.
  enum class Pin { none, top, bottom } pin = Pin::none;
};

struct LayoutEdge {
  std::size_t from, to;  ///< boxes, from < to
  double leave = 0;      ///< where the edge leaves the lower side of `from`, from the middle
};

struct Point {
  double x, y;
};

struct Route {
  std::size_t to;
  std::vector<Point> points;
};

struct Layout {
  double width = 0, height = 0;
  std::vector<Point> centers = {};  ///< of the boxes
  /// Lines downwards. Where x changes, the way from one point to the next is a curve that starts
  /// and ends upright. An edge may continue another one's line: each stretch is there once.
  std::vector<Route> routes = {};
};

/// A layered layout (Sugiyama, Tagawa and Toda 1981). Edges from one place of one box share a line
/// as far as they go together.
Layout lay_out(const std::vector<LayoutBox>& boxes, const std::vector<LayoutEdge>& edges);

}  // namespace cornu::detail
