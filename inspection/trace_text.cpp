#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cornu/inspection/trace.hpp"

namespace cornu {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%12.5g", value);
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
      text += "        ";
    }
    text += number(tensor.data()[i]);
    if (i % columns == columns - 1) text += "\n";
  }
  return text;
}

std::string line(const std::string& what, const Tensor& tensor, std::size_t most_elements) {
  std::string text = "    " + padded(what, 30);
  if (tensor.empty()) return text + "none: nothing that is trained needs it\n";
  text += padded(tensor.shape().to_string(), 16) + statistics(tensor) + "\n";
  return tensor.size() <= most_elements ? text + values(tensor) : text;
}

}  // namespace

std::string Trace::to_string(std::size_t most_elements) const {
  std::string text = "One training step on " + std::to_string(samples) + " samples: loss" +
                     number(loss) + "\n\n" + padded("    array", 34) + padded("shape", 16) +
                     "         min        mean         max        norm\n";
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& node = nodes[i];
    text += std::to_string(i) + "  " + node.layer + " (" + node.class_name + ")";
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
      text += (k == 0 ? " of " : ", ") + std::to_string(node.inputs[k]);
    const auto same = [&node](const Node& other) { return other.layer == node.layer; };
    const bool again =
        std::any_of(nodes.begin(), nodes.begin() + static_cast<std::ptrdiff_t>(i), same);
    const auto calls = std::count_if(nodes.begin(), nodes.end(), same);
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
