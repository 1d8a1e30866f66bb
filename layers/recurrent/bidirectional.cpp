#include "cornu/layers/recurrent/bidirectional.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/layers/recurrent/gru.hpp"
#include "cornu/layers/recurrent/lstm.hpp"
#include "cornu/layers/recurrent/simple_rnn.hpp"

namespace cornu {
namespace {

// The arrays of the first layer come first, then those of the second, then these.
constexpr std::size_t first_layer = 0, second_layer = 32;
constexpr CacheSlot outputs_1{64, "outputs_1"}, outputs_2{65, "outputs_2"};  // as y of each layer
constexpr WorkspaceSlot gradient_1{64, "gradient_1"};                        // dL/d(those)
constexpr WorkspaceSlot gradient_2{65, "gradient_2"};
constexpr WorkspaceSlot input_gradient{66, "input_gradient"};  // (N, T, D), of the second

/// What one of the two layers declares becomes the wrapper's.
class SideBuilder final : public Builder {
 public:
  SideBuilder(Builder& builder, const char* prefix, std::size_t first)
      : builder_(builder), prefix_(prefix), first_(first) {}
  void parameter(ParameterSlot slot, const Shape& shape, const Initializer& init,
                 const Regularizer& regularizer, const Constraint& constraint) override {
    builder_.parameter(placed(slot), shape, init, regularizer, constraint);
  }
  void state(StateSlot slot, const Shape& shape, Scalar value) override {
    builder_.state(placed(slot), shape, value);
  }
  void carried(CarriedSlot slot, std::size_t per_sample) override {
    builder_.carried(placed(slot), per_sample);
  }
  bool step_by_step() const override { return builder_.step_by_step(); }
  void cache(CacheSlot slot, std::size_t per_sample, std::size_t fixed, Kept kept) override {
    builder_.cache(placed(slot), per_sample, fixed, kept);
  }
  void workspace(WorkspaceSlot slot, std::size_t per_sample, std::size_t fixed) override {
    builder_.workspace(placed(slot), per_sample, fixed);
  }

 private:
  /// A slot behind `first_`, under a name of this side.
  template <class Slot>
  struct Placed {
    std::string name;
    std::size_t index;
    operator Slot() const { return {index, name}; }  // NOLINT(google-explicit-constructor)
  };
  template <class Slot>
  Placed<Slot> placed(Slot slot) const {
    return {std::string(prefix_) + std::string(slot.name), first_ + slot.index};
  }

  Builder& builder_;
  const char* prefix_;
  std::size_t first_;
};

/// What one of the two layers is handed of a run.
template <class Run>
Run side(const Run& run, std::size_t first) {
  Run inner = run;
  inner.parameters = run.parameters.from(first);
  inner.states = run.states.from(first);
  inner.carried = run.carried.from(first);
  inner.caches = run.caches.from(first);
  inner.workspaces = run.workspaces.from(first);
  return inner;
}

/// The shape with another last axis.
Shape with_last(const Shape& shape, std::size_t size) {
  std::array<std::size_t, Shape::max_rank> sizes{};
  std::copy(shape.begin(), shape.end(), sizes.begin());
  sizes[shape.rank() - 1] = size;
  return Shape(std::span<const std::size_t>(sizes.data(), shape.rank()));
}

/// Where step t of the second layer's output stands in time.
std::size_t in_time(std::size_t t, std::size_t T, bool sequences) {
  return sequences ? T - 1 - t : t;
}

/// body(y's row, first's row, second's row), the rows being those of steps.
template <class Body>
void for_each_step(const Shape& output, bool sequences, std::size_t width, std::size_t H,
                   const Body& body) {
  const std::size_t N = output[0], T = sequences ? output[1] : 1;
  for (std::size_t n = 0; n < N; ++n)
    for (std::size_t t = 0; t < T; ++t)
      body((n * T + t) * width, (n * T + t) * H, (n * T + in_time(t, T, sequences)) * H);
}

}  // namespace

void BidirectionalOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("layer", layer, "the recurrent layer; a second of its kind reads from the end");
  fields.field("merge_mode", merge_mode, {"concat", "sum", "mul", "ave"},
               "how the outputs of both are joined");
  fields.argument("weights", weights, "the values of the first layer's weights, then the second's");
}

Bidirectional::Bidirectional(BidirectionalOptions options)
    : ConfiguredLayer("Bidirectional", std::move(options)) {
  if (!options_.layer.get())
    throw ConfigError(place(), "expected a layer, got none",
                      "give one: {.layer = layer<LSTM>({.output_dim = 8})}");
  nlohmann::json config = options_.layer->config();
  const auto backwards = config.find("go_backwards");
  if (backwards == config.end())
    throw ConfigError(place(), "expected a recurrent layer, got " + options_.layer->place(),
                      "SimpleRNN, GRU and LSTM read sequences in both directions");
  if (!options_.layer->initial_weights().empty())
    throw ConfigError(place(), "the layer within brings weights for one direction",
                      "give those of both to Bidirectional: {.layer = ..., .weights = ...}");
  *backwards = !backwards->get<bool>();
  sequences_ = config.at("return_sequences").get<bool>();
  config["name"] = "backward_" + options_.layer->name();
  backward_ = layer_from_json(options_.layer->class_name(), config, "layer");
  if (!options_.layer->trainable()) set_trainable(false);
}

Traits Bidirectional::traits() const {
  Traits traits = options_.layer->traits();
  traits.causal = false;
  return traits;
}

Shape Bidirectional::build(const Shape& input, Builder& builder) const {
  const Shape inputs[] = {input};
  SideBuilder first(builder, "forward_", first_layer);
  SideBuilder second(builder, "backward_", second_layer);
  const Shape output = options_.layer->build(std::span<const Shape>(inputs), first);
  backward_->build(std::span<const Shape>(inputs), second);
  builder.cache(outputs_1, output.size(), 0, Kept::always);
  builder.cache(outputs_2, output.size(), 0, Kept::always);
  builder.workspace(gradient_1, output.size());
  builder.workspace(gradient_2, output.size());
  builder.workspace(input_gradient, input.size());
  return options_.merge_mode == "concat" ? with_last(output, 2 * output.back()) : output;
}

void Bidirectional::forward(const Forward& run) const {
  const bool concat = options_.merge_mode == "concat";
  const std::size_t width = run.y.shape.back(), H = concat ? width / 2 : width;
  const Shape half = with_last(run.y.shape, H);
  Forward first = side(run, first_layer), second = side(run, second_layer);
  first.y = {run[outputs_1].data(), half};
  second.y = {run[outputs_2].data(), half};
  RandomStream random = run.random;
  second.random = RandomStream(random.bits(), Purpose::noise, random.bits());
  options_.layer->forward(first);
  backward_->forward(second);

  for_each_step(run.y.shape, sequences_, width, H,
                [&, mode = options_.merge_mode[0]](std::size_t at, std::size_t i, std::size_t k) {
                  Scalar* const y = run.y.data + at;
                  const Scalar *const a = first.y.data + i, *const b = second.y.data + k;
                  if (concat) {
                    std::copy_n(a, H, y);
                    std::copy_n(b, H, y + H);
                  } else if (mode == 'm') {
                    for (std::size_t j = 0; j < H; ++j) y[j] = a[j] * b[j];
                  } else {
                    const Scalar factor = mode == 'a' ? Scalar(0.5) : Scalar(1);
                    for (std::size_t j = 0; j < H; ++j) y[j] = factor * (a[j] + b[j]);
                  }
                });
}

void Bidirectional::backward(const Backward& run) const {
  const bool concat = options_.merge_mode == "concat";
  const std::size_t width = run.dy.shape.back(), H = concat ? width / 2 : width;
  const Shape half = with_last(run.dy.shape, H);
  const View d_1{run[gradient_1].data(), half}, d_2{run[gradient_2].data(), half};
  const Scalar *const y_1 = run[outputs_1].data(), *const y_2 = run[outputs_2].data();
  for_each_step(run.dy.shape, sequences_, width, H,
                [&, mode = options_.merge_mode[0]](std::size_t at, std::size_t i, std::size_t k) {
                  const Scalar* const dy = run.dy.data + at;
                  Scalar *const da = d_1.data + i, *const db = d_2.data + k;
                  if (concat) {  // y = [a b]
                    std::copy_n(dy, H, da);
                    std::copy_n(dy + H, H, db);
                  } else if (mode == 'm') {  // y = a b:  da = dy b,  db = dy a
                    for (std::size_t j = 0; j < H; ++j) {
                      da[j] = dy[j] * y_2[k + j];
                      db[j] = dy[j] * y_1[i + j];
                    }
                  } else {  // y = a + b, or half of it
                    const Scalar factor = mode == 'a' ? Scalar(0.5) : Scalar(1);
                    for (std::size_t j = 0; j < H; ++j) da[j] = db[j] = factor * dy[j];
                  }
                });

  Backward first = side(run, first_layer), second = side(run, second_layer);
  first.gradients = run.gradients.from(first_layer);
  second.gradients = run.gradients.from(second_layer);
  first.dy = d_1;
  second.dy = d_2;
  View dx_2;
  if (run.dx()) dx_2 = {run[input_gradient].data(), run.dx().shape};
  second.dinputs = std::span(&dx_2, 1);
  options_.layer->backward(first);
  backward_->backward(second);
  if (run.dx()) kernels::add(run.dx().data, dx_2.data, run.dx().data, run.dx().size());
}

void Bidirectional::update(const Update& run) const {
  for (const auto& [layer, first] :
       {std::pair(options_.layer.get(), first_layer), std::pair(backward_, second_layer)})
    layer->update({run.states.from(first), run.carried.from(first), run.caches.from(first)});
}

std::vector<LayerExample> Bidirectional::examples() {
  const auto example = [](LayerPtr layer, const char* mode, Shape input) -> LayerExample {
    return {std::make_shared<Bidirectional>(
                BidirectionalOptions{.layer = std::move(layer), .merge_mode = mode}),
            {std::move(input)}};
  };
  return {example(std::make_shared<SimpleRNN>(SimpleRNNOptions{.output_dim = 3}), "concat", {3, 2}),
          example(std::make_shared<GRU>(GRUOptions{
                      .output_dim = 2, .inner_activation = "sigmoid", .return_sequences = true}),
                  "mul", {3, 2}),
          example(std::make_shared<LSTM>(LSTMOptions{.output_dim = 2,
                                                     .inner_activation = "sigmoid",
                                                     .return_sequences = true,
                                                     .go_backwards = true}),
                  "ave", {2, 3}),
          example(std::make_shared<SimpleRNN>(
                      SimpleRNNOptions{.output_dim = 2, .dropout_W = 0.4, .dropout_U = 0.4}),
                  "sum", {3, 2})};
}

}  // namespace cornu
