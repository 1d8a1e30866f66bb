#include "cornu/models/sequential.hpp"

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

/// The input that a first layer or model brings along, with Keras's name for it: "dense_input_1".
Node chain_input(InputOptions options, const std::string& class_name) {
  const auto layer = std::make_shared<InputLayer>(std::move(options));
  layer->set_made_up_prefix(detail::name_prefix(class_name) + "_input");
  return connect(layer, {});
}

}  // namespace

Sequential::Sequential(std::string name)
    : Model(make_impl(std::move(name))), chain_(std::make_unique<Chain>()) {}
Sequential::Sequential(std::string name, std::vector<Node> chain) : Sequential(std::move(name)) {
  chain_->nodes = std::move(chain);
}
Sequential::~Sequential() = default;
Sequential::Sequential(Sequential&&) noexcept = default;
Sequential& Sequential::operator=(Sequential&&) noexcept = default;

void detail::append_to_chain(std::vector<Node>& chain, const Member& next,
                             const std::string& place) {
  const std::shared_ptr<Container>& container = next.container;
  if (container && (container->inputs().size() != 1 || container->outputs().size() != 1))
    throw ConfigError(place, "add: expected a model of one input and one output, got '" +
                                 container->name() + "'");
  const auto call = [&next](const Node& on) {
    return next.layer ? connect(next.layer, {on}) : connect(next.container, {on})[0];
  };
  if (!chain.empty()) {
    chain.push_back(call(chain.back()));
    return;
  }
  InputOptions options;
  if (container) {
    options.input_shape = container->inputs()[0].shape();
  } else {
    const Layer& layer = *next.layer;
    if (layer.input_shape().empty())
      throw ConfigError(layer.place(), "the first layer of a model needs an input shape",
                        "give the shape of one sample, without the batch: .input_shape = {784}");
    options.input_shape = layer.input_shape();
    if (layer.input_samples() != 0)
      options.batch_input_shape = layer.input_shape().with_samples(layer.input_samples());
  }
  const Node first = chain_input(std::move(options),
                                 container ? container->class_name() : next.layer->class_name());
  chain.push_back(call(first));
  chain.insert(chain.begin(), first);
}

void Sequential::add(LayerPtr layer) {
  impl().require_idle("add");
  if (!layer) throw ConfigError(name(), "add: expected a layer, got null");
  detail::append_to_chain(chain_->nodes, {std::move(layer), nullptr}, name());
  impl().drop();
}

void Sequential::add(const Model& model) {
  impl().require_idle("add");
  detail::append_to_chain(chain_->nodes, {nullptr, model.container()}, name());
  impl().drop();
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
