#pragma once

#include "cornu/layers/axes.hpp"
#include "cornu/layers/layer.hpp"

namespace cornu {

struct SoftmaxOptions {
  Axes axis = -1;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// y = exp(x) / sum of exp(x) over `axis`, one or several; the activation of this name takes the
/// last. Any shape; masks pass through. (Keras 3, layers/activations/softmax.py)
///
/// Throws ConfigError, when the input is known, for axes that it does not have.
class CORNU_API Softmax final : public ConfiguredLayer<SoftmaxOptions> {
 public:
  explicit Softmax(SoftmaxOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;

  static std::vector<LayerExample> examples();

 private:
  struct Slots {  // where x or y, and dy, become rows
    static constexpr WorkspaceSlot rows{0, "rows"}, gradient_rows{1, "gradient_rows"};
  };
};

}  // namespace cornu
