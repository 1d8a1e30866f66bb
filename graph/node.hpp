#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cornu/graph/input_layer.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

class Container;
struct Call;

/// An output of one call of a layer or a model: a tensor that does not exist yet. A handle: copies
/// mean the same node. A node keeps everything that it was made from alive, and nothing else does,
/// so a graph lives as long as a node or a model of it.
class CORNU_API Node {
 public:
  /// No node.
  Node() = default;
  explicit Node(std::shared_ptr<const Call> call, std::size_t output = 0)
      : call_(std::move(call)), output_(output) {}

  explicit operator bool() const noexcept { return call_ != nullptr; }
  /// The shape of one sample.
  const Shape& shape() const;
  /// The name of the layer or model that was called.
  const std::string& name() const;
  /// Whether time steps may be masked here.
  bool masked() const;
  /// Becomes no node.
  std::shared_ptr<const Call> release() { return std::move(call_); }

  const Call& call() const { return *call_; }
  const std::shared_ptr<const Call>& call_pointer() const noexcept { return call_; }
  std::size_t output() const noexcept { return output_; }

  friend bool operator==(const Node& a, const Node& b) = default;

 private:
  std::shared_ptr<const Call> call_;
  std::size_t output_ = 0;
};

/// One call of a layer, or of a container with all its layers, on nodes.
struct Call {
  LayerPtr layer;                              ///< null when a container was called
  std::shared_ptr<const Container> container;  ///< null when a layer was called
  std::vector<Node> inputs;
  std::vector<Shape> output_shapes;  ///< of one sample each
  std::vector<bool> masked;
  std::uint64_t serial = 0;  ///< calls are numbered as they are made: an order of computation

  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  /// Ends a chain of calls that nothing else holds in a loop, however long it is.
  CORNU_API ~Call();

  CORNU_API const std::string& name() const;
  bool is_input() const { return inputs.empty() && layer != nullptr; }

 private:
  static void take_inputs(Call& call, std::shared_ptr<Call>& ending);
  std::shared_ptr<Call> next_;  ///< used while a chain is ended
};

/// A new input node: `input({784})`, or with a name `input({784}, "pixels")`.
CORNU_API Node input(const Shape& sample_shape, const std::string& name = {});
CORNU_API Node input(InputOptions options);

/// Calls a layer on nodes. Throws ShapeError when the shapes do not fit, ConfigError when a mask
/// reaches a layer that would ignore it.
CORNU_API Node connect(const LayerPtr& layer, const std::vector<Node>& inputs);
/// Calls all layers of a container again, on other inputs; the parameters are shared.
CORNU_API std::vector<Node> connect(const std::shared_ptr<const Container>& container,
                                    const std::vector<Node>& inputs);

}  // namespace cornu
