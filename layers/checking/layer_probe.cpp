#include "cornu/layers/checking/layer_probe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cornu {
namespace {

/// Unlikely to be written by mistake.
constexpr Scalar canary = static_cast<Scalar>(-3.14159274e30);

/// Takes down what a layer declares and makes its first weights.
class Recorder final : public Builder {
 public:
  Recorder(LayerProbe& probe, RandomStream& random) : probe_(probe), random_(random) {}

  void parameter(const char* suffix, const Shape& shape, const Initializer& init,
                 const Regularizer&, const Constraint& constraint) override {
    if (constraint) constraint->check(shape);
    probe_.parameter_declarations.push_back({suffix, shape});
    Tensor& values = probe_.parameters.emplace_back(shape);
    init.fill(shape, random_, values.array());
  }
  void state(const char* suffix, const Shape& shape, Scalar value) override {
    probe_.state_declarations.push_back({suffix, shape});
    Tensor& values = probe_.states.emplace_back(shape);
    std::fill(values.begin(), values.end(), value);
  }
  void cache(std::size_t per_sample, std::size_t fixed) override {
    probe_.cache_sizes.push_back({per_sample, fixed});
  }
  void workspace(std::size_t per_sample, std::size_t fixed) override {
    probe_.workspace_sizes.push_back({per_sample, fixed});
  }

 private:
  LayerProbe& probe_;
  RandomStream& random_;
};

template <class From, class To>
void show_arrays(From& from, std::vector<To>& to) {
  to.clear();
  for (auto& array : from) to.push_back(array.array());
}

}  // namespace

GuardedArray::GuardedArray(std::size_t size) : size_(size), storage_(size + 2 * margin, canary) {
  std::fill_n(storage_.begin() + margin, size, Scalar{0});
}

void GuardedArray::poison() {
  for (Scalar& element : array()) element = std::numeric_limits<Scalar>::quiet_NaN();
}

bool GuardedArray::intact() const {
  const auto untouched = [](Scalar element) { return element == canary; };
  if (storage_.empty()) return true;
  return std::all_of(storage_.begin(), storage_.begin() + margin, untouched) &&
         std::all_of(storage_.end() - margin, storage_.end(), untouched);
}

LayerProbe::LayerProbe(const Layer& probed, std::vector<Shape> input_shapes, std::uint64_t seed)
    : layer(probed), inputs(std::move(input_shapes)) {
  RandomStream random(seed, Purpose::initialization);
  Recorder recorder(*this, random);
  output = layer.build(inputs, recorder);
}

LayerProbe::Run LayerProbe::start(std::size_t samples) const {
  Run run;
  run.samples = samples;
  for (const Shape& input : inputs) {
    run.x.emplace_back(input.size() * samples);
    run.dx.emplace_back(input.size() * samples);
  }
  run.y = GuardedArray(output.size() * samples);
  run.dy = GuardedArray(output.size() * samples);
  if (layer.traits().mask == MaskRule::create)
    run.mask = GuardedArray(samples * (output.empty() ? 1 : output.front()));
  for (const Size& size : cache_sizes) run.caches.emplace_back(size.of(samples));
  for (const Size& size : workspace_sizes) run.workspaces.emplace_back(size.of(samples));
  for (const Tensor& parameter : parameters) run.gradients.emplace_back(parameter.size());
  return run;
}

void LayerProbe::show(Run& run) const {
  show_arrays(parameters, run.parameters_);
  show_arrays(states, run.states_);
  show_arrays(run.caches, run.caches_);
  show_arrays(run.workspaces, run.workspaces_);
  show_arrays(run.gradients, run.gradients_);
  run.inputs_.clear();
  run.dinputs_.clear();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Shape shape = inputs[i].with_samples(run.samples);
    run.inputs_.push_back({run.x[i].array().data(), shape});
    run.dinputs_.push_back({(run.in_place ? run.dy : run.dx[i]).array().data(), shape});
  }
}

void LayerProbe::forward(Run& run, bool training) const {
  show(run);
  if (!training) std::fill(run.caches_.begin(), run.caches_.end(), Array());
  Scalar* const y = (run.in_place ? run.x[0] : run.y).array().data();
  layer.forward({.inputs = run.inputs_,
                 .y = {y, output.with_samples(run.samples)},
                 .parameters = run.parameters_,
                 .states = run.states_,
                 .caches = run.caches_,
                 .workspaces = run.workspaces_,
                 .mask = run.mask.array(),
                 .training = training,
                 .random = run.random});
}

void LayerProbe::backward(Run& run) const {
  show(run);
  const Shape y_shape = output.with_samples(run.samples);
  const Scalar* y = (run.in_place ? run.x[0] : run.y).array().data();
  if (!run.keep_y) y = nullptr;
  if (!run.keep_x)
    for (ConstView& x : run.inputs_) x.data = nullptr;
  if (!run.want_dx)
    for (View& dx : run.dinputs_) dx.data = nullptr;
  if (!run.want_gradients) std::fill(run.gradients_.begin(), run.gradients_.end(), Array());
  layer.backward({.inputs = run.inputs_,
                  .y = {y, y_shape},
                  .dy = {run.dy.array().data(), y_shape},
                  .dinputs = run.dinputs_,
                  .parameters = run.parameters_,
                  .gradients = run.gradients_,
                  .states = run.states_,
                  .caches = run.caches_,
                  .workspaces = run.workspaces_,
                  .assign_gradients = run.assign});
}

void LayerProbe::update(Run& run) {
  show(run);
  std::vector<Array> moving;
  for (Tensor& state : states) moving.push_back(state.array());
  layer.update({.states = moving, .caches = run.caches_});
}

}  // namespace cornu
