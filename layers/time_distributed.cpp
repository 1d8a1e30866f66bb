#include "cornu/layers/time_distributed.hpp"

#include <array>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/dropout.hpp"
#include "cornu/layers/flatten.hpp"
#include "cornu/layers/layer_class.hpp"

namespace cornu {
namespace {

/// What the wrapped layer declares for a sample, the wrapper declares for T of them.
class StepBuilder final : public Builder {
 public:
  StepBuilder(Builder& builder, std::size_t steps, std::string place)
      : builder_(builder), steps_(steps), place_(std::move(place)) {}
  void parameter(ParameterSlot slot, const Shape& shape, const Initializer& init,
                 const Regularizer& regularizer, const Constraint& constraint) override {
    builder_.parameter(slot, shape, init, regularizer, constraint);
  }
  void state(StateSlot slot, const Shape& shape, Scalar value) override {
    builder_.state(slot, shape, value);
  }
  void carried(CarriedSlot, std::size_t) override {
    throw ConfigError(place_,
                      "expected a layer whose steps do not depend on each other, got one "
                      "that carries numbers from batch to batch");
  }
  void cache(CacheSlot slot, std::size_t per_sample, std::size_t fixed, Kept kept) override {
    builder_.cache(slot, per_sample * steps_, fixed, kept);
  }
  void workspace(WorkspaceSlot slot, std::size_t per_sample, std::size_t fixed) override {
    builder_.workspace(slot, per_sample * steps_, fixed);
  }

 private:
  Builder& builder_;
  std::size_t steps_;
  std::string place_;
};

/// (N, T, ...) becomes (N * T, ...).
template <class View>
View fold(View view) {
  std::array<std::size_t, Shape::max_rank> sizes{view.shape[0] * view.shape[1]};
  std::copy(view.shape.begin() + 2, view.shape.end(), sizes.begin() + 1);
  view.shape = Shape(std::span<const std::size_t>(sizes.data(), view.shape.rank() - 1));
  return view;
}

}  // namespace

nlohmann::json WrappedLayer::to_json() const {
  if (!layer_) return nullptr;
  return {{"class_name", layer_->class_name()}, {"config", layer_->config()}};
}

void WrappedLayer::assign(const nlohmann::json& config) {
  detail::ObjectReader reader(config, "layer");
  const std::string class_name = reader.string("class_name");
  LayerPtr layer = layer_from_json(class_name, reader.at("config"), "layer.config");
  reader.finish();
  layer_ = std::move(layer);
}

void TimeDistributedOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("layer", layer, "the layer that works at each step");
}

TimeDistributed::TimeDistributed(TimeDistributedOptions options)
    : ConfiguredLayer("TimeDistributed", std::move(options)) {
  if (!options_.layer.get())
    throw ConfigError(place(), "expected a layer, got none",
                      "give one: {.layer = std::make_shared<Dense>(...)}");
  if (options_.layer->traits().mask == MaskRule::create)
    throw ConfigError(place(),
                      "expected a layer that makes no mask, got " + options_.layer->place(),
                      "put the Masking layer before this one");
  if (!options_.layer->trainable()) set_trainable(false);
}

Traits TimeDistributed::traits() const {
  Traits traits = options_.layer->traits();
  traits.mask = MaskRule::pass;
  traits.causal = true;
  return traits;
}

Shape TimeDistributed::build(const Shape& input, Builder& builder) const {
  if (input.rank() < 2)
    throw ShapeError(place(),
                     "expected an input (N, T, ...), got " + input.to_string_with_samples(),
                     "without time steps, use the layer itself");
  StepBuilder steps(builder, input[0], place());
  const Shape inner[] = {input.without_samples()};  // without the steps, that is
  return options_.layer->build(std::span<const Shape>(inner), steps).with_samples(input[0]);
}

void TimeDistributed::forward(const Forward& run) const {
  const ConstView x[] = {fold(run.x())};
  Forward inner = run;
  inner.inputs = x;
  inner.y = fold(run.y);
  inner.masks = {};
  inner.step_by_step = false;  // a sequence within a step is a whole one
  options_.layer->forward(inner);
}

void TimeDistributed::backward(const Backward& run) const {
  const ConstView x[] = {fold(run.x())};
  const View dx[] = {fold(run.dx())};
  Backward inner = run;
  inner.inputs = x;
  inner.y = fold(run.y);
  inner.dy = fold(run.dy);
  inner.dinputs = dx;
  inner.masks = {};
  options_.layer->backward(inner);
}

double TimeDistributed::multiplications(std::span<const Shape> inputs) const {
  const Shape step[] = {inputs[0].without_samples()};  // without the steps, that is
  return static_cast<double>(inputs[0].front()) * options_.layer->multiplications(step);
}

std::vector<LayerExample> TimeDistributed::examples() {
  const auto example = [](LayerPtr layer, Shape input) -> LayerExample {
    return {std::make_shared<TimeDistributed>(TimeDistributedOptions{.layer = std::move(layer)}),
            {std::move(input)}};
  };
  return {
      example(std::make_shared<Dense>(DenseOptions{.output_dim = 3, .activation = "tanh"}), {2, 4}),
      example(std::make_shared<Dense>(DenseOptions{.output_dim = 3, .activation = "softmax"}),
              {2, 2}),
      example(std::make_shared<BatchNormalization>(), {3, 2}),
      example(std::make_shared<BatchNormalization>(BatchNormalizationOptions{.axis = 1}),
              {2, 3, 2}),
      example(std::make_shared<Dropout>(DropoutOptions{.p = 0.5}), {2, 3}),
      example(std::make_shared<Flatten>(), {2, 2, 3}),
      example(std::make_shared<TimeDistributed>(TimeDistributedOptions{
                  .layer = std::make_shared<Dense>(DenseOptions{.output_dim = 2})}),
              {2, 2, 3}),
  };
}

}  // namespace cornu
