#include <algorithm>
#include <array>

#include "cornu/inspection/drawing/svg.hpp"
#include "cornu/inspection/drawing/text.hpp"

namespace cornu::detail {
namespace {

constexpr double padding = 14, name_size = 13, small_size = 11;
constexpr double line_height = 18, chip_height = 16, chip_gap = 6;
constexpr double least_width = 160;
constexpr std::size_t longest_text = 40;

struct Chip {
  std::string text;
  const char *fill, *color;
};

const char* shared_color(std::size_t number) {
  constexpr std::array<const char*, 6> colors{"#b4491f", "#6d3fc0", "#0f766e",
                                              "#b0256f", "#3f6212", "#1d4ed8"};
  return colors[(number - 1) % colors.size()];
}

std::vector<Chip> chips_of(const Box& box) {
  std::vector<Chip> chips;
  if (box.is_output) chips.push_back({"output", "#be2d55", "#ffffff"});
  if (box.frozen && !box.frozen_around) chips.push_back({"frozen", "#cfe3f8", "#1c4a7d"});
  if (box.calls > 1 && !box.shared_around)
    chips.push_back({"shared " + std::to_string(box.call) + " of " + std::to_string(box.calls),
                     shared_color(box.shared), "#ffffff"});
  return chips;
}

double chip_width(const Chip& chip) { return text_width(chip.text, 10, true) + 14; }

double width_of(const std::vector<Chip>& chips) {
  double width = 0;
  for (const Chip& chip : chips) width += chip_width(chip) + (width > 0 ? chip_gap : 0);
  return width;
}

std::string parameters_text(std::size_t count) {
  if (count == 0) return "";
  return with_commas(count) + (count == 1 ? " param" : " params");
}

struct Text {
  double size;
  bool bold = false, end = false;
  const char* color;
};

/// `textLength` makes the text fit its place in whatever font it is shown.
std::string svg_text(const std::string& text, double x, double y, const Text& style) {
  if (text.empty()) return "";
  return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" font-size=\"" +
         coordinate(style.size) + "\"" + (style.bold ? " font-weight=\"bold\"" : "") +
         (style.end ? " text-anchor=\"end\"" : "") + " fill=\"" + style.color + "\" textLength=\"" +
         coordinate(text_width(text, style.size, style.bold)) +
         "\" lengthAdjust=\"spacingAndGlyphs\">" + xml_escaped(text) + "</text>\n";
}

std::string svg_rectangle(double x, double y, double width, double height, double radius,
                          const std::string& rest) {
  return "<rect x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" width=\"" +
         coordinate(width) + "\" height=\"" + coordinate(height) + "\" rx=\"" + coordinate(radius) +
         "\" " + rest + "/>\n";
}

std::string svg_chips(const std::vector<Chip>& chips, double x, double y) {
  std::string svg;
  for (const Chip& chip : chips) {
    const double width = chip_width(chip);
    svg += svg_rectangle(x, y, width, chip_height, chip_height / 2,
                         std::string("fill=\"") + chip.fill + "\"");
    svg += svg_text(chip.text, x + 7, y + 11.6, {.size = 10, .bold = true, .color = chip.color});
    x += width + chip_gap;
  }
  return svg;
}

std::string stroke(const Box& box, const Colors& colors) {
  return std::string("stroke=\"") + colors.line + "\" stroke-width=\"" +
         (box.is_output ? "2.2" : "1.4") + "\"" + (box.frozen ? " stroke-dasharray=\"6 4\"" : "");
}

std::string tooltip(const Box& box) {
  return "<title>" + xml_escaped(box.name + " (" + box.kind_text() + ") " + box.shape) +
         "</title>\n";
}

double side_padding(const Box& box) { return box.kind == Box::Kind::input ? 24 : padding; }

}  // namespace

Colors colors_of(Box::Kind kind) {
  switch (kind) {
    case Box::Kind::input:
      return {"#e3f5ea", "#2c9a5b", "#123f26", "#3d6b50"};
    case Box::Kind::weights:
      return {"#e6f0fd", "#3a7fd5", "#13325c", "#42618c"};
    case Box::Kind::states:
      return {"#f0eafc", "#8659d6", "#36206b", "#66538f"};
    case Box::Kind::join:
      return {"#fdf0d9", "#cc8718", "#593705", "#84633a"};
    case Box::Kind::model:
      return {"#dff4f3", "#1f9aa0", "#0b4548", "#3c6c6e"};
    case Box::Kind::plain:
      break;
  }
  return {"#f1f3f6", "#8490a0", "#26303c", "#5c6774"};
}

LayoutBox size_of(const Box& box) {
  const std::string parameters = parameters_text(box.parameters);
  const std::vector<Chip> chips = chips_of(box);
  const double first = text_width(shortened(box.name, longest_text), name_size, true) + 20 +
                       text_width(shortened(box.kind_text(), longest_text), small_size, false);
  const double second = text_width(shortened(box.shape, longest_text), small_size, false) +
                        (parameters.empty() ? 0 : 20 + text_width(parameters, small_size, false));
  return {.width = std::max(
              {least_width, std::max({first, second, width_of(chips)}) + 2 * side_padding(box)}),
          .height = 12 + 2 * line_height + (chips.empty() ? 0 : chip_height + 6)};
}

std::string svg_box(const Box& box, const LayoutBox& size, Point center) {
  const Colors colors = colors_of(box.kind);
  const double left = center.x - size.width / 2, top = center.y - size.height / 2;
  const double radius = box.kind == Box::Kind::input ? 24 : 9;
  std::string svg = "<g>\n" + tooltip(box);
  if (box.calls > 1)  // another sheet behind: the same weights elsewhere
    svg += svg_rectangle(left + 4, top + 4, size.width, size.height, radius,
                         std::string("fill=\"") + colors.fill + "\" " + stroke(box, colors));
  svg += svg_rectangle(left, top, size.width, size.height, radius,
                       std::string("fill=\"") + colors.fill + "\" " + stroke(box, colors));
  const double side = side_padding(box);
  const double right = left + size.width - side;
  svg += svg_text(shortened(box.name, longest_text), left + side, top + 20,
                  {.size = name_size, .bold = true, .color = colors.text});
  svg += svg_text(shortened(box.kind_text(), longest_text), right, top + 20,
                  {.size = small_size, .end = true, .color = colors.quiet});
  svg += svg_text(shortened(box.shape, longest_text), left + side, top + 20 + line_height,
                  {.size = small_size, .color = colors.quiet});
  svg += svg_text(parameters_text(box.parameters), right, top + 20 + line_height,
                  {.size = small_size, .end = true, .color = colors.quiet});
  svg += svg_chips(chips_of(box), left + side, top + 10 + 2 * line_height);
  return svg + "</g>\n";
}

double header_width(const Box& box) {
  const std::vector<Chip> chips = chips_of(box);
  return 2 * padding + text_width(shortened(box.name, longest_text), name_size, true) + 10 +
         text_width(box.class_name, small_size, false) + 24 +
         text_width(parameters_text(box.parameters), small_size, false) +
         (chips.empty() ? 0 : 12 + width_of(chips));
}

std::string svg_frame(const Box& box, const LayoutBox& size, Point center) {
  const Colors colors = colors_of(Box::Kind::model);
  const double left = center.x - size.width / 2, top = center.y - size.height / 2;
  const std::string name = shortened(box.name, longest_text);
  std::string svg = "<g>\n" + tooltip(box);
  svg += svg_rectangle(
      left, top, size.width, size.height, 12,
      std::string("fill=\"") + colors.line + "\" fill-opacity=\"0.1\" " + stroke(box, colors));
  svg += svg_rectangle(left, top, size.width, header_height, 12,
                       std::string("fill=\"") + colors.fill + "\" " + stroke(box, colors));
  const double baseline = top + header_height / 2 + 4.5;
  double x = left + padding;
  svg += svg_text(name, x, baseline, {.size = name_size, .bold = true, .color = colors.text});
  x += text_width(name, name_size, true) + 10;
  svg += svg_text(box.class_name, x, baseline, {.size = small_size, .color = colors.quiet});
  x += text_width(box.class_name, small_size, false) + 12;
  const std::vector<Chip> chips = chips_of(box);
  svg += svg_chips(chips, x, top + (header_height - chip_height) / 2);
  svg += svg_text(parameters_text(box.parameters), left + size.width - padding, baseline,
                  {.size = small_size, .end = true, .color = colors.quiet});
  return svg + "</g>\n";
}

double title_width(const Picture& picture) {
  return text_width(shortened(picture.name, longest_text), 15, true) + 10 +
         text_width(picture.class_name + ", " + parameters_text(picture.parameters), 12, false);
}

std::string svg_title(const Picture& picture, double x, double y) {
  constexpr const char* color = "#6e7987";  // as far from white as from black
  const std::string name = shortened(picture.name, longest_text);
  const std::string parameters = parameters_text(picture.parameters);
  return svg_text(name, x, y, {.size = 15, .bold = true, .color = color}) +
         svg_text(picture.class_name + (parameters.empty() ? "" : ", " + parameters),
                  x + text_width(name, 15, true) + 10, y, {.size = 12, .color = color});
}

}  // namespace cornu::detail
