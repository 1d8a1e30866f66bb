#include "cornu/models/sequential.hpp"

#include <algorithm>
#include <cctype>

#include "cornu/core/error.hpp"
#include "cornu/models/model_impl.hpp"

namespace cornu {

/// The nodes of the chain: the input, then the output of each member.
struct Sequential::Chain {
  std::vector<Node> nodes;
};

namespace {

std::unique_ptr<Model::Impl> make_impl(std::string name) {
  auto impl = std::make_unique<Model::Impl>();
  impl->name = detail::taken_name(std::move(name), "model", "Sequential");
  impl->class_name = "Sequential";
  return impl;
}

/// Keras's name for the input that a first layer brings along: "dense_input_1".
std::string input_name(std::string class_name) {
  std::transform(class_name.begin(), class_name.end(), class_name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return detail::unique_name(class_name + "_input");
}

}  // namespace

Sequential::Sequential(std::string name)
    : Model(make_impl(std::move(name))), chain_(std::make_unique<Chain>()) {}
Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;
Sequential& Sequential::operator=(Sequential&&) noexcept = default;

void Sequential::append(Node next) {
  chain_->nodes.push_back(std::move(next));
  impl().drop();
}

void Sequential::add(LayerPtr layer) {
  impl().require_idle("add");
  if (!layer) throw ConfigError(name(), "add: expected a layer, got null");
  if (!chain_->nodes.empty()) return append(connect(layer, {chain_->nodes.back()}));
  if (layer->input_shape().empty())
    throw ConfigError(layer->place(), "the first layer of a model needs an input shape",
                      "give the shape of one sample, without the batch: .input_shape = {784}");
  InputOptions options{.input_shape = layer->input_shape(), .batch_input_shape = {}};
  if (layer->input_samples() != 0)
    options.batch_input_shape = layer->input_shape().with_samples(layer->input_samples());
  options.name = input_name(layer->class_name());
  const Node first = input(std::move(options));
  Node next = connect(layer, {first});
  chain_->nodes.push_back(first);
  append(std::move(next));
}

void Sequential::add(const Model& model) {
  impl().require_idle("add");
  if (model.inputs().size() != 1 || model.outputs().size() != 1)
    throw ConfigError(
        name(), "add: expected a model of one input and one output, got '" + model.name() + "'");
  if (!chain_->nodes.empty()) return append(model(chain_->nodes.back()));
  const Node first = input(model.input_shape(), input_name(model.class_name()));
  Node next = model(first);
  chain_->nodes.push_back(first);
  append(std::move(next));
}

void Sequential::pop() {
  impl().require_idle("pop");
  if (chain_->nodes.size() < 2)
    throw ConfigError(name(), "pop: the model has no layers", "add layers first");
  chain_->nodes.pop_back();
  if (chain_->nodes.size() == 1) chain_->nodes.clear();
  impl().drop();
}

const Model::Impl& Sequential::ready() const {
  if (impl().has_graph.load(std::memory_order_acquire)) return impl();
  const std::scoped_lock lock(impl().mutex);
  if (impl().has_graph) return impl();
  if (chain_->nodes.empty())
    throw ConfigError(name(), "the model has no layers", "add layers first: model.add<Dense>(...)");
  impl().adopt(std::make_shared<Container>(class_name(), name(),
                                           std::vector<Node>{chain_->nodes.front()},
                                           std::vector<Node>{chain_->nodes.back()}));
  return impl();
}

}  // namespace cornu
