#pragma once

// Not a public header.

#include <memory>
#include <string>
#include <vector>

#include "cornu/inspection/drawing/boxes.hpp"
#include "cornu/inspection/drawing/layout.hpp"

/// How a drawing looks.
namespace cornu::detail {

struct Colors {
  const char *fill, *line, *text, *quiet;
};
Colors colors_of(Box::Kind kind);

/// A picture with the place of everything in it.
struct Arrangement {
  Layout layout;
  std::vector<LayoutBox> sizes;  ///< of the boxes, then of the ends of outer edges
  std::vector<std::unique_ptr<Arrangement>> inside;  ///< for each box, null unless opened
};
Arrangement arrange_picture(const Picture& picture, bool nested);

constexpr double header_height = 32;  ///< of an opened model

/// A box's size with all its text in it.
LayoutBox size_of(const Box& box);
/// The width of the header of an opened model.
double header_width(const Box& box);

/// A box with its middle at `center`, as SVG.
std::string svg_box(const Box& box, const LayoutBox& size, Point center);
/// An opened model's frame and header.
std::string svg_frame(const Box& box, const LayoutBox& size, Point center);
/// The model's name and size over the whole drawing, and the width it takes.
std::string svg_title(const Picture& picture, double x, double y);
double title_width(const Picture& picture);

}  // namespace cornu::detail
