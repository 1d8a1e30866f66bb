#include "cornu/graph/node.hpp"

#include <algorithm>
#include <atomic>
#include <map>

#include "cornu/core/error.hpp"
#include "cornu/graph/container.hpp"
#include "cornu/graph/variables.hpp"

namespace cornu {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> serial{0};
  return ++serial;
}

std::vector<Shape> shapes_of(const std::vector<Node>& nodes, const std::string& place) {
  std::vector<Shape> shapes;
  for (const Node& node : nodes) {
    if (!node)
      throw ConfigError(place, "expected a node, got an empty one",
                        "make nodes with input(shape) and by calling layers on nodes");
    shapes.push_back(node.shape());
  }
  return shapes;
}

/// Whether the output of a layer carries a mask; `masked`: an input does.
bool output_masked(const Layer& layer, bool masked) {
  const MaskRule rule = layer.traits().mask;
  if (masked && rule == MaskRule::refuse)
    throw ConfigError(layer.place(), "expected an input without a mask, got a masked one",
                      "this layer would ignore the mask: put it before the Masking layer");
  if (rule == MaskRule::drop) return false;
  return masked || rule == MaskRule::create;
}

/// Which outputs of a container carry masks when its inputs carry these.
std::vector<bool> outputs_masked(const Container& container, const std::vector<bool>& inputs) {
  std::map<const Call*, std::vector<bool>> found;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    found[&container.inputs()[i].call()] = {inputs[i]};
  for (const auto& call : container.calls()) {
    if (found.contains(call.get())) continue;
    std::vector<bool> masked;
    for (const Node& node : call->inputs) masked.push_back(found.at(&node.call())[node.output()]);
    found[call.get()] =
        call->container
            ? outputs_masked(*call->container, masked)
            : std::vector<bool>{output_masked(
                  *call->layer, std::find(masked.begin(), masked.end(), true) != masked.end())};
  }
  std::vector<bool> outputs;
  for (const Node& node : container.outputs())
    outputs.push_back(found.at(&node.call())[node.output()]);
  return outputs;
}

}  // namespace

const Shape& Node::shape() const { return call_->output_shapes[output_]; }
const std::string& Node::name() const { return call_->name(); }
bool Node::masked() const { return call_->masked[output_]; }

/// Puts those inputs of a call that nothing else holds on the list of what ends.
void Call::take_inputs(Call& call, std::shared_ptr<Call>& ending) {
  for (Node& node : call.inputs) {
    std::shared_ptr<Call> input = std::const_pointer_cast<Call>(node.release());
    // Whoever shares it ends it, or, where both let go at once, the last of them does.
    if (input == nullptr || input.use_count() != 1) continue;
    input->next_ = std::move(ending);
    ending = std::move(input);
  }
}

Call::~Call() {
  std::shared_ptr<Call> ending;
  take_inputs(*this, ending);
  while (ending) {
    const std::shared_ptr<Call> call = std::move(ending);
    ending = std::move(call->next_);
    take_inputs(*call, ending);
  }
}

const std::string& Call::name() const { return layer ? layer->name() : container->name(); }

Node input(const Shape& sample_shape, const std::string& name) {
  return input(InputOptions{.input_shape = sample_shape, .batch_input_shape = {}, .name = name});
}

Node input(InputOptions options) {
  return connect(std::make_shared<InputLayer>(std::move(options)), {});
}

Node connect(const LayerPtr& layer, const std::vector<Node>& inputs) {
  auto call = std::make_shared<Call>();
  call->layer = layer;
  call->inputs = inputs;
  const std::vector<Shape> shapes = shapes_of(inputs, layer->place());
  call->masked = {output_masked(
      *layer,
      std::any_of(inputs.begin(), inputs.end(), [](const Node& node) { return node.masked(); }))};
  call->output_shapes = {declare(*layer, shapes).output};
  call->serial = next_serial();
  return Node(std::move(call));
}

std::vector<Node> connect(const std::shared_ptr<const Container>& container,
                          const std::vector<Node>& inputs) {
  const std::string place = container->place();
  const std::vector<Shape> shapes = shapes_of(inputs, place);
  if (shapes.size() != container->inputs().size())
    throw ShapeError(place, "expected " + std::to_string(container->inputs().size()) +
                                " inputs, got " + std::to_string(shapes.size()));
  std::vector<bool> masked;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Shape& expected = container->inputs()[i].shape();
    if (!(shapes[i] == expected))
      throw ShapeError(place, "expected input " + std::to_string(i) + " of shape " +
                                  expected.to_string_with_samples() + ", got " +
                                  shapes[i].to_string_with_samples());
    masked.push_back(inputs[i].masked());
  }
  auto call = std::make_shared<Call>();
  call->container = container;
  call->inputs = inputs;
  call->masked = outputs_masked(*container, masked);
  for (const Node& output : container->outputs()) call->output_shapes.push_back(output.shape());
  call->serial = next_serial();
  std::vector<Node> outputs;
  for (std::size_t i = 0; i < call->output_shapes.size(); ++i) outputs.emplace_back(call, i);
  return outputs;
}

}  // namespace cornu
