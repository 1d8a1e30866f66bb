#pragma once

#include <string>
#include <vector>

#include "cornu/layers/layer.hpp"

namespace cornu {

/// Where data enters a graph: a sample shape and a name.
struct InputOptions {
  Shape input_shape = {};        ///< of a sample; needed unless batch_input_shape is given
  Shape batch_input_shape = {};  ///< with a fixed number of samples in front, 0 for any
  std::string name = {};         ///< "input_1", "input_2", ... when empty
  bool trainable = true;         ///< without meaning: there is nothing to train

  void describe(Fields& fields);
};

/// The layer of an input node. It computes nothing: the execution reads the caller's data.
class CORNU_API InputLayer final : public ConfiguredLayer<InputOptions> {
 public:
  /// Throws ConfigError when no shape is given.
  explicit InputLayer(InputOptions options);

  Traits traits() const override { return {.reads_input = false}; }
  Shape build(std::span<const Shape> inputs, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

 private:
  InputLayer(InputOptions options, const char* made_up_prefix);
};

}  // namespace cornu
