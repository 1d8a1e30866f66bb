#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/models/model.hpp"

namespace cornu {

/// One training step laid open, node by node, as `trace` answers it: what every layer put
/// out, and the derivative of the loss L with respect to it and to every parameter.
struct CORNU_API Trace {
  struct Parameter {
    std::string name;  ///< "dense_1_W"
    Tensor value;
    Tensor gradient;  ///< dL/d(value), penalties included; empty where the parameter is frozen
  };

  /// One call of a layer; a layer that is called several times has several.
  struct Node {
    std::string layer;  ///< "dense_1"
    std::string class_name;
    std::vector<std::size_t> inputs;  ///< their places in `nodes`; none for an input of the model
    bool is_output = false;
    Tensor output;    ///< (N, ...)
    Tensor gradient;  ///< dL/d(output), through all that reads it; empty where nobody needs it
    /// At each call of a shared layer the same: gradients are sums over all its calls.
    std::vector<Parameter> parameters;
  };

  double loss = 0;  ///< all outputs' losses with their weights, and all penalties
  std::size_t samples = 0;
  std::vector<Node> nodes;  ///< in the order of computation

  /// The first node of a layer. Throws ConfigError with the known names.
  const Node& operator[](const std::string& layer) const;

  /// A table: shape, smallest, mean and largest value and Euclidean norm of every array; those of
  /// at most `most_elements` numbers in full.
  std::string to_string(std::size_t most_elements = 24) const;
};

/// One training step on all samples given, node by node: outputs, gradients, gradients of the
/// parameters. Nothing changes: no weight, state, metric, nor what is drawn next. Throws
/// ConfigError unless compiled, ShapeError for data that does not fit.
CORNU_API Trace trace(const Model& model, const Data& x, const Data& y,
                      const Data& sample_weight = {});

}  // namespace cornu
