#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "cornu/inspection/trace.hpp"

namespace cornu {
namespace {

// What fits a terminal of 80 columns: a name, a shape, four numbers.
constexpr int name_width = 22, shape_width = 14, number_width = 11, indent = 8, line_width = 80;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%*.4g", number_width, value);
  return text;
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

std::string statistics(const Tensor& tensor) {
  double low = tensor.data()[0], high = low, sum = 0, squares = 0;
  for (const Scalar value : tensor.array()) {
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  return number(low) + number(sum / static_cast<double>(tensor.size())) + number(high) +
         number(std::sqrt(squares));
}

/// Rows along the last axis, a blank line between the matrices of more axes.
std::string values(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  const std::size_t columns = shape.back();
  const std::size_t rows = shape.rank() > 2 ? shape[shape.rank() - 2] : 0;
  std::string text;
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (i % columns == 0) {
      if (rows != 0 && i != 0 && i % (rows * columns) == 0) text += "\n";
      text += std::string(indent, ' ');
    }
    // A row that is longer than a line goes on in the next, further in.
    constexpr std::size_t most = (line_width - indent) / number_width;
    if (const std::size_t column = i % columns; column != 0 && column % most == 0)
      text += "\n" + std::string(line_width - most * number_width, ' ');
    text += number(tensor.data()[i]);
    if (i % columns == columns - 1) text += "\n";
  }
  return text;
}

std::string line(const std::string& what, const Tensor& tensor, std::size_t most_elements) {
  // A long name has a line of its own.
  std::string text = what.size() < name_width ? padded("  " + what, name_width)
                                              : "  " + what + "\n" + std::string(name_width, ' ');
  if (tensor.empty()) return text + "none: nothing that is trained needs it\n";
  text += padded(tensor.shape().to_string(), shape_width) + statistics(tensor) + "\n";
  return tensor.size() <= most_elements ? text + values(tensor) : text;
}

}  // namespace

std::string Trace::to_string(std::size_t most_elements) const {
  std::string text = "One training step on " + std::to_string(samples) + " samples: loss" +
                     number(loss) + "\n\n" + padded("  array", name_width) +
                     padded("shape", shape_width) +
                     "        min       mean        max       norm\n";
  std::unordered_map<std::string_view, std::size_t> calls_of;
  for (const Node& node : nodes) ++calls_of[node.layer];
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    text += std::to_string(i) + "  " + node.layer + " (" + node.class_name + ")";
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
      text += (k == 0 ? " of " : ", ") + std::to_string(node.inputs[k]);
    const std::size_t calls = calls_of.at(node.layer);
    const bool again = !seen.insert(node.layer).second;
    if (again && !node.parameters.empty()) text += ", weights as above";
    text += node.is_output ? ", an output of the model\n" : "\n";
    text += line("output", node.output, most_elements);
    text += line("dL/d output", node.gradient, most_elements);
    if (again) continue;
    for (const Parameter& parameter : node.parameters) {
      text += line(parameter.name, parameter.value, most_elements);
      const std::string sum = calls > 1 ? " (" + std::to_string(calls) + " calls)" : "";
      text += line("dL/d " + parameter.name + sum, parameter.gradient, most_elements);
    }
  }
  return text;
}

}  // namespace cornu
