#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

/// A layer among another layer's options; in JSON {"class_name": ..., "config": {...}}.
class CORNU_API WrappedLayer final : public Choice {
 public:
  WrappedLayer() = default;
  template <class L>
  WrappedLayer(std::shared_ptr<L> layer) : layer_(std::move(layer)) {}  // NOLINT

  const LayerPtr& get() const noexcept { return layer_; }
  const Layer* operator->() const noexcept { return layer_.get(); }

  std::string_view kind() const override { return "layer"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  LayerPtr layer_;
};

struct TimeDistributedOptions {
  WrappedLayer layer = {};

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Another layer at each time step: x (N, T, ...) becomes y (N, T, ...), where the layer sees N * T
/// samples (...) at once. So BatchNormalization inside takes its statistics over samples and steps,
/// and Dropout drops at each step anew. The weights are the layer's, frozen if it
/// is; masks pass through.
///
///     TimeDistributed({.layer = std::make_shared<Dense>(DenseOptions{.output_dim = 8})})
///
/// (Keras 1.0.3, layers/wrappers.py)
class CORNU_API TimeDistributed final : public ConfiguredLayer<TimeDistributedOptions> {
 public:
  explicit TimeDistributed(TimeDistributedOptions options);

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override { options().layer->update(run); }
  void hold_states(bool hold) noexcept override { options().layer.get()->hold_states(hold); }

  const ActivationName* output_activation() const override {
    return options().layer->output_activation();
  }
  const ActivityRegularizer* activity_regularizer() const override {
    return options().layer->activity_regularizer();
  }
  std::vector<Tensor> initial_weights() const override {
    return options().layer->initial_weights();
  }

  double multiplications(std::span<const Shape> inputs) const override;
  static std::vector<LayerExample> examples();
};

}  // namespace cornu
