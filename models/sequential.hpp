#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cornu/models/model.hpp"

namespace cornu {

/// A model that is a chain of layers:
///
///     Sequential model;
///     model.add(Dense({.output_dim = 32, .activation = "relu", .input_shape = {2}}));
///     model.add(Dense({.output_dim = 2, .activation = "softmax"}));
class CORNU_API Sequential final : public Model {
 public:
  /// An empty name becomes "sequential_<n>".
  explicit Sequential(std::string name = {});
  /// A chain that stands already: an input node, then the output of each member. For readers.
  Sequential(std::string name, std::vector<Node> chain);
  ~Sequential() override;
  Sequential(Sequential&&) noexcept;
  Sequential& operator=(Sequential&&) noexcept;

  /// Makes a layer of class L from its options and adds it. Answers the layer.
  template <class L>
  std::shared_ptr<L> add(typename L::Options options = {}) {
    auto layer = std::make_shared<L>(std::move(options));
    add(LayerPtr(layer));
    return layer;
  }
  /// Adds a layer that is made on the spot, `add(Dense({.output_dim = 2}))`. Answers the layer.
  /// Where the compiler refuses an option, `Dense(DenseOptions{...})` makes it name the one.
  template <std::derived_from<Layer> L>
  std::shared_ptr<L> add(L&& made) {
    auto layer = std::make_shared<L>(std::move(made));
    add(LayerPtr(layer));
    return layer;
  }
  /// Adds a layer; the first one needs an input shape. Adding one layer twice shares its weights.
  /// Throws ShapeError when it does not fit what stands before; the model is then as before.
  /// A model that was compiled must be compiled again.
  void add(LayerPtr layer);
  /// Adds a whole model of one input and one output as a layer.
  void add(const Model& model);
  /// Takes the last layer off. Throws ConfigError when there is none.
  void pop();

 private:
  const Impl& ready() const override;
  struct Chain;
  std::unique_ptr<Chain> chain_;
};

namespace detail {

/// Calls a layer, or a container of one input and one output, on the last node of a chain. An empty
/// chain gets an input node first. Throws ConfigError at `place`, ShapeError; the chain is then as
/// before.
void append_to_chain(std::vector<Node>& chain, const Member& next, const std::string& place);

}  // namespace detail

}  // namespace cornu
