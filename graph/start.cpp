#include "cornu/graph/start.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "cornu/graph/container.hpp"

namespace cornu::detail {
namespace {

/// New nodes for outputs of old calls, where there are any.
class Replacements {
 public:
  /// A new input in the place of an inner node.
  Node input_for(const Node& node) {
    std::vector<Node>& nodes = nodes_[node.call_pointer().get()];
    nodes.resize(std::max(nodes.size(), node.output() + 1));
    if (!nodes[node.output()]) nodes[node.output()] = input(node.shape());
    return nodes[node.output()];
  }
  Node operator()(const Node& node) const {
    const auto found = nodes_.find(node.call_pointer().get());
    if (found == nodes_.end() || node.output() >= found->second.size()) return node;
    const Node& made = found->second[node.output()];
    return made ? made : node;
  }
  /// Calls again what reads a new node.
  void call_again(const std::shared_ptr<const Call>& call) {
    std::vector<Node> from;
    bool changed = false;
    for (const Node& node : call->inputs) {
      from.push_back((*this)(node));
      changed = changed || !(from.back() == node);
    }
    if (!changed) return;
    std::vector<Node> made = call->layer ? std::vector<Node>{connect(call->layer, from)}
                                         : connect(call->container, from);
    std::vector<Node>& nodes = nodes_[call.get()];
    nodes.resize(made.size());
    for (std::size_t o = 0; o < made.size(); ++o)
      if (!nodes[o]) nodes[o] = std::move(made[o]);  // an output may be a start itself
  }

 private:
  std::unordered_map<const Call*, std::vector<Node>> nodes_;
};

}  // namespace

GraphEnds start_anywhere(std::vector<Node> inputs, std::vector<Node> outputs) {
  const auto given = [](const Node& node) { return static_cast<bool>(node); };
  if (!std::all_of(inputs.begin(), inputs.end(), given) ||
      !std::all_of(outputs.begin(), outputs.end(), given) ||
      std::all_of(inputs.begin(), inputs.end(),
                  [](const Node& node) { return node.call().is_input(); }))
    return {std::move(inputs), std::move(outputs)};
  Replacements replacements;
  std::vector<Node> starts = inputs;
  for (Node& node : inputs)
    if (!node.call().is_input()) node = replacements.input_for(node);
  // Upwards from the outputs to the starts; then downwards, in the order in which they were made.
  std::map<std::uint64_t, std::shared_ptr<const Call>> between;
  std::vector<Node> open = outputs;
  while (!open.empty()) {
    const Node node = std::move(open.back());
    open.pop_back();
    if (std::find(starts.begin(), starts.end(), node) != starts.end()) continue;
    if (!between.emplace(node.call().serial, node.call_pointer()).second) continue;
    open.insert(open.end(), node.call().inputs.begin(), node.call().inputs.end());
  }
  for (const auto& [serial, call] : between) replacements.call_again(call);
  for (Node& node : outputs) node = replacements(node);
  return {std::move(inputs), std::move(outputs)};
}

}  // namespace cornu::detail
