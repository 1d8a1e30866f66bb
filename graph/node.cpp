#include "cornu/graph/node.hpp"

#include <atomic>

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

bool output_masked(const Layer& layer, const std::vector<Node>& inputs) {
  const MaskRule rule = layer.traits().mask;
  if (rule == MaskRule::create) return true;
  bool masked = false;
  for (const Node& node : inputs) masked = masked || node.masked();
  if (masked && rule == MaskRule::refuse)
    throw ConfigError(layer.place(), "expected an input without a mask, got a masked one",
                      "this layer would ignore the mask: put it before the Masking layer");
  return masked;
}

}  // namespace

const Shape& Node::shape() const { return call_->output_shapes[output_]; }
const std::string& Node::name() const { return call_->name(); }
bool Node::masked() const { return call_->masked[output_]; }

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
  call->masked = {output_masked(*layer, inputs)};
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
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Shape& expected = container->inputs()[i].shape();
    if (!(shapes[i] == expected))
      throw ShapeError(place, "expected input " + std::to_string(i) + " of shape " +
                                  expected.to_string_with_samples() + ", got " +
                                  shapes[i].to_string_with_samples());
    if (inputs[i].masked())
      throw ConfigError(place, "expected inputs without masks, got a masked one",
                        "put the Masking layer inside the model");
  }
  auto call = std::make_shared<Call>();
  call->container = container;
  call->inputs = inputs;
  for (const Node& output : container->outputs()) {
    call->output_shapes.push_back(output.shape());
    call->masked.push_back(output.masked());
  }
  call->serial = next_serial();
  std::vector<Node> outputs;
  for (std::size_t i = 0; i < call->output_shapes.size(); ++i) outputs.emplace_back(call, i);
  return outputs;
}

}  // namespace cornu
