#include "cornu/graph/flat_graph.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// The flat nodes of the outputs of one call.
using Outputs = std::vector<std::size_t>;

class Opener {
 public:
  explicit Opener(std::vector<FlatNode>& nodes) : nodes_(nodes) {}

  /// Opens a container whose inputs are the given flat nodes; answers the nodes of its outputs.
  Outputs open(const Container& container, const Outputs& inputs, bool trainable) {
    trainable = trainable && container.trainable();
    std::map<const Call*, Outputs> made;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      made[&container.inputs()[i].call()] = {inputs[i]};
    for (const auto& call : container.calls()) {
      if (made.contains(call.get())) continue;
      Outputs from;
      for (const Node& node : call->inputs) from.push_back(made.at(&node.call())[node.output()]);
      made[call.get()] = call->container ? open(*call->container, from, trainable)
                                         : Outputs{add(*call, std::move(from), trainable)};
    }
    Outputs outputs;
    for (const Node& node : container.outputs())
      outputs.push_back(made.at(&node.call())[node.output()]);
    return outputs;
  }

  std::size_t add(const Call& call, Outputs inputs, bool trainable) {
    std::vector<Shape> shapes;
    for (const std::size_t input : inputs) shapes.push_back(nodes_[input].shape);
    DeclaredCall declared = declare(*call.layer, shapes);
    FlatNode node{.layer = call.layer,
                  .inputs = std::move(inputs),
                  .shape = declared.output,
                  .carries = std::move(declared.carries),
                  .caches = std::move(declared.caches),
                  .workspaces = std::move(declared.workspaces),
                  .traits = call.layer->traits()};
    if (const ActivityRegularizer* penalty = call.layer->activity_regularizer();
        penalty != nullptr && *penalty)
      node.penalty = penalty;
    node.trainable =
        trainable && call.layer->trainable() && !call.layer->variables()->parameters.empty();
    const bool joins = node.traits.mask == MaskRule::join &&
                       std::any_of(node.inputs.begin(), node.inputs.end(), [this](std::size_t i) {
                         return nodes_[i].mask != FlatNode::none;
                       });
    if (node.traits.mask == MaskRule::create || joins)
      node.mask = nodes_.size();
    else if (node.traits.mask == MaskRule::pass || node.traits.mask == MaskRule::read)
      for (const std::size_t input : node.inputs)
        if (node.mask == FlatNode::none) node.mask = nodes_[input].mask;
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
  }

 private:
  std::vector<FlatNode>& nodes_;
};

/// Leaves out the nodes that no output needs; inputs stay.
void drop_dead(FlatGraph& graph) {
  std::vector<bool> alive(graph.nodes.size(), false);
  for (const std::size_t node : graph.inputs) alive[node] = true;
  for (const std::size_t node : graph.outputs) alive[node] = true;
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    if (!alive[i]) continue;
    for (const std::size_t input : graph.nodes[i].inputs) alive[input] = true;
    if (graph.nodes[i].mask != FlatNode::none) alive[graph.nodes[i].mask] = true;
  }
  std::vector<std::size_t> place(graph.nodes.size(), FlatNode::none);
  std::vector<FlatNode> kept;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!alive[i]) continue;
    place[i] = kept.size();
    kept.push_back(std::move(graph.nodes[i]));
  }
  const auto move = [&place](std::size_t& node) {
    if (node != FlatNode::none) node = place[node];
  };
  for (FlatNode& node : kept) {
    for (std::size_t& input : node.inputs) move(input);
    move(node.mask);
  }
  for (std::size_t& node : graph.inputs) move(node);
  for (std::size_t& node : graph.outputs) move(node);
  graph.nodes = std::move(kept);
}

/// Room for what the layers carry, all of it 0.
std::shared_ptr<CarriedState> make_carried(const FlatGraph& graph) {
  auto carried = std::make_shared<CarriedState>();
  for (const std::size_t input : graph.inputs)
    carried->samples = std::max(carried->samples, graph.nodes[input].layer->input_samples());
  std::unordered_set<const Layer*> called;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const FlatNode& node = graph.nodes[i];
    if (node.carries.empty()) continue;
    if (carried->samples == 0)
      throw ConfigError(node.layer->place(),
                        "expected a model with a fixed number of samples, for states that go on "
                        "from batch to batch, got one that takes any number",
                        "give its first layer batch_input_shape = {samples, ...}");
    if (!called.insert(node.layer.get()).second)
      throw ConfigError(node.layer->place(),
                        "expected one call, for states that go on from batch to batch, got several",
                        "use a layer of its own for each call");
    for (const DeclaredScratch& carry : node.carries)
      carried->arrays.push_back({node.layer->name() + "_" + carry.name, i, carry.slot,
                                 Tensor(Shape{carried->samples, carry.per_sample})});
  }
  return carried->arrays.empty() ? nullptr : carried;
}

}  // namespace

FlatGraph::FlatGraph(const Container& container) {
  Opener opener(nodes);
  for (const cornu::Node& node : container.inputs())
    inputs.push_back(opener.add(node.call(), {}, false));
  outputs = opener.open(container, inputs, true);
  drop_dead(*this);
  for (const FlatNode& node : nodes) open = open || node.shape.open();
  carried = make_carried(*this);
}

std::shared_ptr<const FlatGraph> FlatGraph::closed(std::span<const Shape> input_shapes) const {
  auto graph = std::make_shared<FlatGraph>(*this);
  graph->open = false;
  for (std::size_t i = 0; i < inputs.size(); ++i) graph->nodes[inputs[i]].shape = input_shapes[i];
  std::vector<Shape> shapes;
  for (FlatNode& node : graph->nodes) {
    if (node.is_input()) continue;
    shapes.clear();
    for (const std::size_t input : node.inputs) shapes.push_back(graph->nodes[input].shape);
    DeclaredCall declared = declare(*node.layer, shapes);
    node.shape = declared.output;
    node.carries = std::move(declared.carries);
    node.caches = std::move(declared.caches);
    node.workspaces = std::move(declared.workspaces);
  }
  return graph;
}

std::size_t FlatGraph::indices_below(std::size_t node) const {
  std::size_t below = 0;
  for (const FlatNode& reader : nodes) {
    const std::size_t bound = reader.traits.indices_below;
    if (bound == 0 ||
        std::find(reader.inputs.begin(), reader.inputs.end(), node) == reader.inputs.end())
      continue;
    below = below == 0 ? bound : std::min(below, bound);
  }
  return below;
}

bool FlatGraph::consumed(std::size_t node) const {
  return std::any_of(nodes.begin(), nodes.end(), [node](const FlatNode& reader) {
    return std::find(reader.inputs.begin(), reader.inputs.end(), node) != reader.inputs.end();
  });
}

std::vector<LayerPtr> FlatGraph::trained_layers() const {
  std::unordered_set<const Layer*> found;
  std::vector<LayerPtr> layers;
  for (const FlatNode& node : nodes)
    if (node.trainable && found.insert(node.layer.get()).second) layers.push_back(node.layer);
  return layers;
}

}  // namespace cornu
