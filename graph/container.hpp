#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "cornu/graph/node.hpp"

namespace cornu {

/// What a container holds: a layer, or a container in its turn.
struct Member {
  LayerPtr layer;
  std::shared_ptr<Container> container;

  CORNU_API const std::string& name() const;
  friend bool operator==(const Member& a, const Member& b) = default;
};

/// A piece of a graph from input nodes to output nodes, with its layers. It is what a model is made
/// of, and what a model used as a layer contributes to another.
class CORNU_API Container {
 public:
  /// Throws ConfigError for: no inputs or outputs, inputs that are not input nodes, the same input
  /// twice, an output that needs an input which is not listed (names it), two layers of one name.
  /// `class_name` is "Model" or "Sequential". `order` (names, from a file) is the order of the
  /// members; without it they stand in the order of their first calls.
  Container(std::string class_name, std::string name, std::vector<Node> inputs,
            std::vector<Node> outputs, const std::vector<std::string>& order = {});

  const std::string& class_name() const noexcept { return class_name_; }
  const std::string& name() const noexcept { return name_; }
  /// "model_1 (Model)", the place in error texts.
  std::string place() const { return name_ + " (" + class_name_ + ")"; }
  const std::vector<Node>& inputs() const noexcept { return inputs_; }
  const std::vector<Node>& outputs() const noexcept { return outputs_; }
  /// All calls between inputs and outputs, those of the input layers included, each after those it
  /// depends on.
  const std::vector<std::shared_ptr<const Call>>& calls() const noexcept { return calls_; }
  /// Every layer and container that is called, once each, input layers included.
  const std::vector<Member>& members() const noexcept { return members_; }
  /// The layers within, containers opened, once each, in order, without input layers.
  std::vector<LayerPtr> flat_layers() const;

  /// The calls of one member within this container, in order: Keras's node indices.
  std::vector<const Call*> calls_of(const Member& member) const;

  /// A container that is not trainable freezes all layers within.
  bool trainable() const noexcept { return trainable_; }
  void set_trainable(bool trainable) noexcept { trainable_ = trainable; }

 private:
  void check_inputs() const;
  void collect_calls();
  void collect_members(const std::vector<std::string>& order);
  /// Numbers the layers whose names were made up. Throws ConfigError when two have the same name.
  void settle_names();

  std::string class_name_, name_;
  std::vector<Node> inputs_, outputs_;
  std::vector<std::shared_ptr<const Call>> calls_;
  std::vector<Member> members_;
  bool trainable_ = true;
};

}  // namespace cornu
