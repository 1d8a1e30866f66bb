#include "cornu/models/model.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/graph/start.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/models/model_impl.hpp"

namespace cornu {

void Model::Impl::adopt(std::shared_ptr<Container> made) {
  std::vector<LayerPtr> layers = made->flat_layers();
  auto flat = std::make_shared<const FlatGraph>(*made);
  place_variables(layers);
  input_slots.clear();
  output_slots.clear();
  for (const Node& node : made->inputs())
    input_slots.push_back({node.name(), node.shape(), node.call().layer->input_samples()});
  for (std::size_t i = 0; i < input_slots.size(); ++i)
    input_slots[i].indices_below = flat->indices_below(flat->inputs[i]);
  for (const Node& node : made->outputs()) output_slots.push_back({node.name(), node.shape(), 0});
  made->set_trainable(trainable);
  graph = std::move(flat);
  container = std::move(made);
  has_graph.store(true, std::memory_order_release);
}

void Model::Impl::drop() {
  has_graph = false;
  container.reset();
  graph.reset();
  trainer.reset();
  idle.clear();
}

namespace {

std::unique_ptr<Model::Impl> make_impl(std::vector<Node> inputs, std::vector<Node> outputs,
                                       std::string name, const std::vector<std::string>& order) {
  auto impl = std::make_unique<Model::Impl>();
  impl->name = detail::taken_name(std::move(name), "model", "Model");
  impl->class_name = "Model";
  auto ends = detail::start_anywhere(std::move(inputs), std::move(outputs));
  impl->adopt(std::make_shared<Container>(impl->class_name, impl->name, std::move(ends.inputs),
                                          std::move(ends.outputs), order));
  return impl;
}

}  // namespace

Model::Model(std::vector<Node> inputs, std::vector<Node> outputs, std::string name,
             const std::vector<std::string>& order)
    : Model(make_impl(std::move(inputs), std::move(outputs), std::move(name), order)) {}
Model::Model(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Model::Held::Held(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Model::Held::~Held() = default;
Model::Held::Held(Held&&) noexcept = default;
Model::Held& Model::Held::operator=(Held&&) noexcept = default;

Model::Impl& Model::Held::gone() {
  throw ConfigError("model", "it was moved from and holds nothing",
                    "use the model that it was moved to");
}

const Model::Impl& Model::ready() const { return *impl_; }

const std::string& Model::name() const { return impl_->name; }
const std::string& Model::class_name() const { return impl_->class_name; }
const std::vector<Node>& Model::inputs() const { return ready().container->inputs(); }
const std::vector<Node>& Model::outputs() const { return ready().container->outputs(); }
std::shared_ptr<Container> Model::container() const { return ready().container; }
std::shared_ptr<const FlatGraph> Model::graph() const { return ready().graph; }
std::vector<LayerPtr> Model::layers() const { return ready().container->flat_layers(); }
Shape Model::input_shape() const { return inputs()[0].shape(); }
Shape Model::output_shape() const { return outputs()[0].shape(); }

LayerPtr Model::get_layer(std::string_view name) const {
  std::vector<std::string> known;
  for (const LayerPtr& layer : layers()) {
    if (layer->name() == name) return layer;
    known.push_back(layer->name());
  }
  detail::throw_unknown_name(impl_->name, "layer", name, known);
}

LayerPtr Model::get_layer(std::size_t index) const {
  const std::vector<LayerPtr> all = layers();
  if (index >= all.size())
    throw ConfigError(impl_->name, "expected a layer's index below " + std::to_string(all.size()) +
                                       ", got " + std::to_string(index));
  return all[index];
}

std::size_t Model::count_params() const {
  std::size_t count = 0;
  for (const LayerPtr& layer : layers()) count += layer->count_params();
  return count;
}

void Model::reset_states() {
  CarriedState* const carried = ready().graph->carried.get();
  const CarriedUse use(carried);
  if (carried != nullptr) carried->reset();
}

bool Model::trainable() const { return impl_->trainable; }

void Model::set_trainable(bool trainable) {
  impl_->trainable = trainable;
  if (impl_->container) impl_->container->set_trainable(trainable);
}

Node Model::operator()(const Node& input) const {
  const std::vector<Node> made = connect(container(), {input});
  if (made.size() != 1)
    throw ConfigError(name(), "expected a model of one output, got " + std::to_string(made.size()),
                      "call it with a vector of nodes");
  return made[0];
}

std::vector<Node> Model::operator()(const std::vector<Node>& inputs) const {
  return connect(container(), inputs);
}

std::vector<Tensor> Model::get_weights() const {
  std::vector<Tensor> weights;
  for (const LayerPtr& layer : layers())
    for (Tensor& weight : layer->get_weights()) weights.push_back(std::move(weight));
  return weights;
}

void Model::set_weights(const std::vector<Tensor>& weights) {
  impl_->require_between_steps("set_weights");
  std::vector<const Variable*> variables;
  for (const LayerPtr& layer : layers()) {
    for (const Variable& variable : layer->variables()->parameters) variables.push_back(&variable);
    for (const Variable& variable : layer->variables()->states) variables.push_back(&variable);
  }
  if (weights.size() != variables.size())
    throw ShapeError(name(), "expected " + std::to_string(variables.size()) +
                                 " weight arrays, got " + std::to_string(weights.size()));
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!(weights[i].shape() == variables[i]->shape))
      throw ShapeError(name(), "expected weight " + std::to_string(i) + " (" + variables[i]->name +
                                   ") of shape " + variables[i]->shape.to_string() + ", got " +
                                   weights[i].shape().to_string());
  for (std::size_t i = 0; i < weights.size(); ++i)
    std::copy(weights[i].begin(), weights[i].end(), variables[i]->values.begin());
}

std::string Model::first_nonfinite() const {
  for (const LayerPtr& layer : layers())
    for (const auto* kind : {&layer->variables()->parameters, &layer->variables()->states})
      for (const Variable& variable : *kind)
        if (!kernels::all_finite(variable.values.data(), variable.values.size()))
          return variable.name + " of " + layer->place();
  return impl_->trainer ? impl_->trainer->last_nonfinite() : "";
}

void Model::count_epoch() { ++impl_->epochs; }

std::uint64_t Model::epochs() const { return impl_->epochs; }
void Model::set_epochs(std::uint64_t epochs) {
  impl_->require_idle("set_epochs");
  impl_->epochs = epochs;
}
std::uint64_t Model::seed() const { return impl_->seed; }
void Model::set_seed(std::uint64_t seed) {
  impl_->require_idle("set_seed");
  impl_->seed = seed;
  if (impl_->trainer) impl_->trainer->set_random_state(seed, impl_->trainer->steps());
}

}  // namespace cornu
