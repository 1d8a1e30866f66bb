#pragma once

// Not a public header.

#include <vector>

#include "cornu/graph/node.hpp"

namespace cornu::detail {

struct GraphEnds {
  std::vector<Node> inputs, outputs;
};

/// A graph may start at inner nodes. Each of them becomes a new input of its shape, and what lies
/// between it and the outputs is called once more on that, with the same weights; the graph that it
/// was taken from stays as it is. Inputs made by `input` stay what they are, and so does a graph
/// that has no others. A mask that reaches such a node stays behind.
GraphEnds start_anywhere(std::vector<Node> inputs, std::vector<Node> outputs);

}  // namespace cornu::detail
