#include "cornu/inspection/drawing/svg.hpp"

#include <algorithm>

#include "cornu/inspection/drawing/text.hpp"

namespace cornu {
namespace detail {
namespace {

constexpr double margin = 24, frame_padding = 22, title_height = 34, arrow = 8;

/// A box with the opened model inside it.
LayoutBox frame_of(const Box& box, const Arrangement& inside) {
  return {.width = std::max(header_width(box), inside.layout.width + 2 * frame_padding),
          .height = header_height + inside.layout.height};
}

/// Where the edge of an output leaves its box, from the middle of the lower side.
double leaving(const Picture& picture, const Arrangement& made, std::size_t box,
               std::size_t output) {
  const Arrangement* inside = made.inside[box].get();
  if (inside == nullptr) return 0;
  const std::size_t port = picture.boxes[box].inside->boxes.size() + output;
  return inside->layout.centers[port].x - inside->layout.width / 2;
}

std::string svg_line(const Route& route, bool with_arrow, Point origin) {
  std::vector<Point> points = route.points;
  if (with_arrow) points.back().y -= arrow - 1;
  const auto text = [&origin](double x, double y) {
    return coordinate(origin.x + x) + " " + coordinate(origin.y + y);
  };
  std::string path = "M" + text(points[0].x, points[0].y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Point a = points[i - 1], b = points[i];
    if (a.x == b.x && a.y == b.y) continue;
    const double middle = (a.y + b.y) / 2;
    if (coordinate(a.x) == coordinate(b.x))
      path += "L" + text(b.x, b.y);
    else
      path += "C" + text(a.x, middle) + " " + text(b.x, middle) + " " + text(b.x, b.y);
  }
  return "<path d=\"" + path + "\"/>\n";
}

std::string svg_arrow(Point tip) {
  return "<path d=\"M" + coordinate(tip.x) + " " + coordinate(tip.y) + "l-4.5 " +
         coordinate(-arrow) + "h9z\"/>\n";
}

std::string draw(const Picture& picture, const Arrangement& made, Point origin) {
  std::string lines, arrows, boxes;
  std::vector<bool> pointed(made.sizes.size(), false);
  for (const Route& route : made.layout.routes) {
    const bool to_box = route.to < picture.boxes.size();
    lines += svg_line(route, to_box, origin);
    if (!to_box || pointed[route.to]) continue;
    pointed[route.to] = true;
    const Point end = route.points.back();
    arrows += svg_arrow({origin.x + end.x, origin.y + end.y});
  }
  for (std::size_t b = 0; b < picture.boxes.size(); ++b) {
    const Box& box = picture.boxes[b];
    const LayoutBox& size = made.sizes[b];
    const Point center{origin.x + made.layout.centers[b].x, origin.y + made.layout.centers[b].y};
    if (size.height == 0) continue;  // an input of an opened model
    if (!box.inside) {
      boxes += svg_box(box, size, center);
      continue;
    }
    const Arrangement& inside = *made.inside[b];
    boxes += svg_frame(box, size, center);
    boxes += draw(*box.inside, inside,
                  {center.x - inside.layout.width / 2, center.y - size.height / 2 + header_height});
  }
  return "<g fill=\"none\" stroke=\"#7f8b99\" stroke-width=\"1.6\">\n" + lines +
         "</g>\n<g fill=\"#7f8b99\">\n" + arrows + "</g>\n" + boxes;
}

}  // namespace

Arrangement arrange_picture(const Picture& picture, bool nested) {
  Arrangement made;
  for (const Box& box : picture.boxes) {
    made.inside.push_back(
        box.inside ? std::make_unique<Arrangement>(arrange_picture(*box.inside, true)) : nullptr);
    if (nested && box.kind == Box::Kind::input)
      made.sizes.push_back({.pin = LayoutBox::Pin::top});
    else
      made.sizes.push_back(box.inside ? frame_of(box, *made.inside.back()) : size_of(box));
  }
  std::vector<LayoutEdge> edges;
  for (const Picture::Edge& edge : picture.edges) {
    const LayoutEdge line{edge.from, edge.to, leaving(picture, made, edge.from, edge.output)};
    // Edges into one box stand together; one line is enough for two between the same places.
    const auto same = [&line](const LayoutEdge& other) {
      return other.from == line.from && other.to == line.to && other.leave == line.leave;
    };
    if (edge.input == 0 ||
        std::none_of(edges.end() - static_cast<std::ptrdiff_t>(std::min(edge.input, edges.size())),
                     edges.end(), same))
      edges.push_back(line);
  }
  if (nested)
    for (const Picture::Output& output : picture.outputs) {
      edges.push_back(
          {output.box, made.sizes.size(), leaving(picture, made, output.box, output.output)});
      made.sizes.push_back({.pin = LayoutBox::Pin::bottom});
    }
  made.layout = lay_out(made.sizes, edges);
  return made;
}

}  // namespace detail

std::string to_svg(const Model& model, const DrawingOptions& options) {
  using namespace detail;
  const Picture picture = picture_of(model, options);
  const Arrangement made = arrange_picture(picture, false);
  const double content = std::max(made.layout.width, title_width(picture));
  const double width = content + 2 * margin;
  const double height = made.layout.height + title_height + 2 * margin;
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + coordinate(width) + "\" height=\"" +
         coordinate(height) + "\" viewBox=\"0 0 " + coordinate(width) + " " + coordinate(height) +
         "\" font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" role=\"img\">\n"
         "<title>" +
         xml_escaped(picture.name) + "</title>\n" + svg_title(picture, margin, margin + 14) +
         draw(picture, made, {margin + (content - made.layout.width) / 2, margin + title_height}) +
         "</svg>\n";
}

}  // namespace cornu
