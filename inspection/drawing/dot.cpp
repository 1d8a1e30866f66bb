#include "cornu/inspection/drawing/svg.hpp"
#include "cornu/inspection/drawing/text.hpp"

namespace cornu {
namespace detail {
namespace {

/// A quoted string: dot knows \" and \\; a backslash of ours must not become one of its escapes.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : shortened(text, text.size() + 1)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string label_of(const Box& box) {
  std::string label = quoted(box.name + " (" + box.kind_text() + ")");
  label.pop_back();
  const auto line = [&label](const std::string& text) { label += "\\n" + text; };
  line(box.shape);
  if (box.parameters != 0)
    label += ", " + with_commas(box.parameters) + (box.parameters == 1 ? " param" : " params");
  std::string remarks;
  if (box.is_output) remarks += ", output";
  if (box.frozen) remarks += ", frozen";
  if (box.calls > 1)
    remarks += ", shared " + std::to_string(box.call) + " of " + std::to_string(box.calls);
  if (!remarks.empty()) line(remarks.substr(2));
  return label + '"';
}

/// The numbers of the dot nodes at which edges to and from a box end: of an opened model, its
/// inputs and outputs.
struct Ends {
  std::vector<std::size_t> in, out;
  std::size_t to(std::size_t input) const { return in.size() == 1 ? in[0] : in[input]; }
  std::size_t from(std::size_t output) const { return out.size() == 1 ? out[0] : out[output]; }
};

class DotWriter {
 public:
  Ends write(const Picture& picture, const std::string& indent) {
    std::vector<Ends> ends;
    for (const Box& box : picture.boxes) ends.push_back(write_box(box, indent));
    for (const Picture::Edge& edge : picture.edges)
      edges_ += "  n" + std::to_string(ends[edge.from].from(edge.output)) + " -> n" +
                std::to_string(ends[edge.to].to(edge.input)) + ";\n";
    Ends all;
    for (const std::size_t input : picture.inputs) all.in.push_back(ends[input].in[0]);
    for (const Picture::Output& output : picture.outputs)
      all.out.push_back(ends[output.box].from(output.output));
    return all;
  }

  std::string text() const { return nodes_ + edges_; }

 private:
  Ends write_box(const Box& box, const std::string& indent) {
    const std::string label = "label=" + label_of(box);
    const Colors colors = colors_of(box.kind);
    if (box.inside) {
      nodes_ += indent + "subgraph cluster_" + std::to_string(clusters_++) + " {\n" + indent +
                "  " + label + "; style=\"rounded\"; color=\"" + colors.line + "\";\n";
      const Ends ends = write(*box.inside, indent + "  ");
      nodes_ += indent + "}\n";
      return ends;
    }
    const std::size_t node = count_++;
    nodes_ += indent + "n" + std::to_string(node) + " [" + label + ", color=\"" + colors.line +
              "\", fillcolor=\"" + colors.fill + "\"" +
              (box.frozen ? ", style=\"rounded,filled,dashed\"" : "") +
              (box.is_output ? ", penwidth=2" : "") + "];\n";
    return {{node}, {node}};
  }

  std::size_t count_ = 0, clusters_ = 0;
  std::string nodes_, edges_;
};

}  // namespace
}  // namespace detail

std::string to_dot(const Model& model, const DrawingOptions& options) {
  const detail::Picture picture = detail::picture_of(model, options);
  detail::DotWriter writer;
  writer.write(picture, "  ");
  return "digraph " + detail::quoted(picture.name) +
         " {\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\"];\n"
         "  graph [fontname=\"Helvetica\"];\n" +
         writer.text() + "}\n";
}

}  // namespace cornu
