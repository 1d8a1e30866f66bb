// Drawings of models: well-formed, complete, apart from each other, and safe against any name.
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <string>
#include <vector>

#include "cornu/graph/functional.hpp"
#include "cornu/inspection/drawing/drawing.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

/// What is wrong with an XML text of elements and characters alone; "" when it is well-formed.
std::string xml_fault(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '&') {
      const std::size_t end = text.find(';', at);
      const std::string entity = text.substr(at, end - at + 1);
      if (entity != "&amp;" && entity != "&lt;" && entity != "&gt;" && entity != "&quot;" &&
          entity != "&#39;")
        return "bad entity " + entity.substr(0, 10);
      at = end + 1;
    } else if (text[at] != '<') {
      if (static_cast<unsigned char>(text[at]) < 32 && text[at] != '\n')
        return "a control character";
      ++at;
    } else {
      const std::size_t end = text.find('>', at);
      if (end == std::string::npos) return "an open tag";
      const std::string tag = text.substr(at + 1, end - at - 1);
      if (tag.find('<') != std::string::npos) return "< in a tag";
      std::size_t quotes = 0;
      for (const char c : tag) quotes += c == '"';
      if (quotes % 2 != 0) return "an open quote";
      const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
      if (tag[0] == '/') {
        if (open.empty() || "/" + open.back() != tag) return "</" + tag + " without its beginning";
        open.pop_back();
      } else if (tag.back() != '/') {
        open.push_back(name);
      }
      at = end + 1;
    }
  }
  return open.empty() ? "" : "no end of " + open.back();
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

struct Rectangle {
  double left, top, right, bottom;
};

/// The rectangles that outline boxes: those with a stroke.
std::vector<Rectangle> outlines(const std::string& svg) {
  std::vector<Rectangle> result;
  for (std::size_t at = svg.find("<rect"); at != std::string::npos;
       at = svg.find("<rect", at + 1)) {
    const std::string tag = svg.substr(at, svg.find('>', at) - at);
    if (tag.find("stroke=") == std::string::npos) continue;
    const auto number = [&tag](const std::string& name) {
      return std::strtod(tag.c_str() + tag.find(" " + name + "=\"") + name.size() + 3, nullptr);
    };
    const double x = number("x"), y = number("y");
    result.push_back({x, y, x + number("width"), y + number("height")});
  }
  return result;
}

bool overlap(const Rectangle& a, const Rectangle& b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/// Two inputs, a residual block, an auxiliary output, a frozen layer.
Model net() {
  const Node a = input({8}, "first"), b = input({4}, "second");
  const auto frozen = layer<Dense>({.output_dim = 8, .name = "frozen_dense", .trainable = false});
  const Node h = frozen(a);
  const Node r = layer<BatchNormalization>({.name = "normal"})(
      layer<Dense>({.output_dim = 8, .name = "inner"})(h));
  const Node sum = merge({h, r}, {.mode = "sum", .name = "sum"});
  const Node aux = layer<Dense>({.output_dim = 1, .name = "aux"})(sum);
  const Node both = merge({sum, b}, {.mode = "concat", .name = "both"});
  const Node main = layer<Dense>({.output_dim = 1234, .name = "main"})(both);
  return Model({a, b}, {main, aux}, "net");
}

/// An encoder called twice.
Model siamese() {
  Sequential encoder("encoder");
  encoder.add<Dense>({.output_dim = 3, .input_shape = {4}, .name = "code"});
  encoder.add<Activation>({.activation = "relu", .name = "relu"});
  const Node a = input({4}, "a"), b = input({4}, "b");
  return Model({a, b}, {merge({encoder(a), encoder(b)}, {.mode = "concat", .name = "both"})},
               "siamese");
}

}  // namespace

TEST_CASE("a drawing shows how a layer merges and what activation it has") {
  const Node a = input({4}, "a");
  const Node b = layer<Dense>({.output_dim = 4, .activation = "relu"})(a);
  const Model model({a}, {merge({a, b}, {.mode = "concat"}), layer<Dense>({.output_dim = 4})(b)});
  const std::string svg = to_svg(model), dot = to_dot(model);
  CHECK(svg.find(">Merge, concat<") != std::string::npos);
  CHECK(svg.find(">Dense, relu<") != std::string::npos);
  CHECK(svg.find(">Dense<") != std::string::npos);
  CHECK(dot.find("(Merge, concat)") != std::string::npos);
}

TEST_CASE("a drawing is a well-formed SVG with every layer once") {
  const std::string svg = to_svg(net());
  INFO(svg);
  CHECK(xml_fault(svg) == "");
  CHECK(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0) == 0);
  for (const char* name :
       {"first", "second", "frozen_dense", "normal", "inner", "sum", "aux", "both", "main", "net"})
    CHECK(count(svg, std::string(">") + name + "</text>") == 1);
  CHECK(count(svg, ">(None, 8)</text>") == 5);
  CHECK(count(svg, ">16,042 params</text>") == 1);  // (8 + 4) * 1234 + 1234
  CHECK(count(svg, ">output</text>") == 2);
  CHECK(count(svg, ">frozen</text>") == 1);
  CHECK(count(svg, "stroke-dasharray") == 1);
}

TEST_CASE("boxes of a drawing do not overlap and lie within it") {
  const std::string svg = to_svg(net());
  const std::vector<Rectangle> boxes = outlines(svg);
  REQUIRE(boxes.size() == 9);
  const double width = std::strtod(svg.c_str() + svg.find(" width=\"") + 8, nullptr);
  const double height = std::strtod(svg.c_str() + svg.find(" height=\"") + 9, nullptr);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    CHECK(boxes[i].left > 0);
    CHECK(boxes[i].top > 0);
    CHECK(boxes[i].right < width);
    CHECK(boxes[i].bottom < height);
    for (std::size_t j = 0; j < i; ++j) CHECK_FALSE(overlap(boxes[i], boxes[j]));
  }
}

TEST_CASE("a model in a model is opened, or one box, and what is shared says so") {
  const Model model = siamese();
  const std::string open = to_svg(model), closed = to_svg(model, {.open_models = false});
  CHECK(xml_fault(open) == "");
  CHECK(xml_fault(closed) == "");
  for (const std::string& svg : {open, closed}) {
    CHECK(count(svg, ">encoder</text>") == 2);
    CHECK(count(svg, ">shared 1 of 2</text>") == 1);
    CHECK(count(svg, ">shared 2 of 2</text>") == 1);
  }
  CHECK(count(open, ">code</text>") == 2);
  CHECK(count(closed, ">code</text>") == 0);
}

TEST_CASE("long edges go around boxes") {
  const Node x = input({4}, "x");
  Node h = x;
  for (int i = 0; i < 6; ++i) h = layer<Dense>({.output_dim = 4})(h);
  const std::string svg = to_svg(Model({x}, {merge({x, h}, {.mode = "sum"})}, "skip"));
  const std::vector<Rectangle> boxes = outlines(svg);
  // The line that passes is the one with upright stretches outside of all boxes.
  const std::size_t path = svg.find("C");
  REQUIRE(path != std::string::npos);
  const std::size_t upright = svg.find('L', path);
  const double beside = std::strtod(svg.c_str() + upright + 1, nullptr);
  for (const Rectangle& box : boxes) CHECK((beside < box.left || beside > box.right));
}

TEST_CASE("no name breaks a drawing") {
  const std::vector<std::string> names{"</text><script>alert(1)</script>",
                                       "a & b",
                                       "\"quoted\" 'twice'",
                                       "]]>",
                                       "größer 深い",
                                       std::string(128, 'x')};
  const Node x = input({2}, "x");
  Node h = x;
  for (const std::string& name : names) h = layer<Dense>({.output_dim = 2, .name = name})(h);
  const Model model({x}, {h}, "<&>");
  const std::string svg = to_svg(model), dot = to_dot(model);
  CHECK(xml_fault(svg) == "");
  CHECK(count(svg, "<script") == 0);
  CHECK(count(svg, ">a &amp; b</text>") == 1);
  CHECK(count(svg, ">größer 深い</text>") == 1);
  // The long name is cut in its box and whole in its tooltip.
  CHECK(count(svg, ">" + std::string(128, 'x') + "</text>") == 0);
  CHECK(count(svg, std::string(128, 'x')) == 1);
  CHECK(count(dot, "\\\"quoted\\\" 'twice'") == 1);
}

TEST_CASE("the text for Graphviz") {
  Sequential model("small");
  model.add<Dense>({.output_dim = 2, .input_shape = {3}, .name = "one"});
  model.add<Activation>({.activation = "relu", .name = "two"});
  model.get_layer("one")->set_trainable(false);
  const std::string start = model.inputs()[0].name();
  CHECK(to_dot(model) ==
        "digraph \"small\" {\n"
        "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n"
        "  graph [fontname=\"Helvetica\"];\n"
        "  n0 [label=\"" +
            start +
            " (InputLayer)\\n(None, 3)\", color=\"#2c9a5b\", "
            "fillcolor=\"#e3f5ea\"];\n"
            "  n1 [label=\"one (Dense)\\n(None, 2), 8 params\\nfrozen\", color=\"#3a7fd5\", "
            "fillcolor=\"#e6f0fd\", style=\"rounded,filled,dashed\"];\n"
            "  n2 [label=\"two (Activation, relu)\\n(None, 2)\\noutput\", color=\"#8490a0\", "
            "fillcolor=\"#f1f3f6\", penwidth=2];\n"
            "  n0 -> n1;\n"
            "  n1 -> n2;\n"
            "}\n");
  const std::string nested = to_dot(siamese());
  CHECK(count(nested, "subgraph cluster_") == 2);
  // a, its encoder's input, code and relu; b and its three; both.
  CHECK(count(nested, " -> ") == 8);
}

TEST_CASE("a large model is drawn soon") {
  const Node x = input({2}, "x");
  std::vector<Node> nodes{layer<Dense>({.output_dim = 2})(x)};
  RandomStream random(1, Purpose::user);
  for (int i = 0; i < 400; ++i) {
    const Node earlier = nodes[random.below(nodes.size())];
    nodes.push_back(merge({earlier, layer<Dense>({.output_dim = 2})(nodes.back())}));
  }
  CHECK(xml_fault(to_svg(Model({x}, {nodes.back()}))) == "");
}
