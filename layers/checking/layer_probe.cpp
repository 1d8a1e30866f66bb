#include "cornu/layers/checking/layer_probe.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cornu {
namespace {

/// Unlikely to be written by mistake.
constexpr Scalar canary = static_cast<Scalar>(-3.14159274e30);

/// The arrays in the order of declaration, laid out by slot.
template <class Declared, class From, class To>
void show_arrays(const std::vector<Declared>& declared, From& from, std::vector<To>& to) {
  to.assign(detail::table_size(declared), To());
  for (std::size_t i = 0; i < declared.size(); ++i) to[declared[i].slot] = from[i].array();
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
    : layer(probed), inputs(std::move(input_shapes)), declarations(probed.place()) {
  output = layer.build(inputs, declarations);
  RandomStream random(seed, Purpose::initialization);
  const auto make = [&random](const DeclaredArray& declared) {
    if (declared.constraint) declared.constraint->check(declared.shape);
    Tensor values(declared.shape);
    declared.init.fill(declared.shape, random, values.array());
    return values;
  };
  for (const DeclaredArray& parameter : declarations.parameters)
    parameters.push_back(make(parameter));
  for (const DeclaredArray& state : declarations.states) states.push_back(make(state));
}

void LayerProbe::draw(Array x, RandomStream& random) const {
  const std::size_t below = layer.traits().indices_below;
  if (below == 0) return random.fill_normal(x, 0, 1);
  for (Scalar& index : x) index = static_cast<Scalar>(random.below(below));
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
  if (layer.traits().mask == MaskRule::create || layer.traits().mask == MaskRule::join)
    run.mask = GuardedArray(samples * (output.empty() ? 1 : output.front()));
  if (layer.traits().mask != MaskRule::refuse && layer.traits().mask != MaskRule::pass)
    for (const Shape& input : inputs) {
      GuardedArray& mask = run.masks.emplace_back(samples * input.front());
      std::fill(mask.array().begin(), mask.array().end(), Scalar{1});
      mask.array()[input.front() - 1] = 0;
    }
  for (const DeclaredScratch& carry : declarations.carries)
    run.carried.emplace_back(carry.at(samples));
  for (const DeclaredScratch& cache : declarations.caches)
    run.caches.emplace_back(cache.at(samples));
  for (const DeclaredScratch& workspace : declarations.workspaces)
    run.workspaces.emplace_back(workspace.at(samples));
  for (const Tensor& parameter : parameters) run.gradients.emplace_back(parameter.size());
  return run;
}

void LayerProbe::show(Run& run) const {
  show_arrays(declarations.parameters, parameters, run.parameters_);
  show_arrays(declarations.states, states, run.states_);
  show_arrays(declarations.carries, run.carried, run.carried_);
  run.masks_.clear();
  for (GuardedArray& mask : run.masks) run.masks_.push_back(mask.array());
  show_arrays(declarations.caches, run.caches, run.caches_);
  show_arrays(declarations.workspaces, run.workspaces, run.workspaces_);
  show_arrays(declarations.parameters, run.gradients, run.gradients_);
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
  for (const DeclaredScratch& cache : declarations.caches)
    if (!training && cache.kept == Kept::training) run.caches_[cache.slot] = Array();
  Scalar* const y = (run.in_place ? run.x[0] : run.y).array().data();
  layer.forward({.inputs = run.inputs_,
                 .y = {y, output.with_samples(run.samples)},
                 .parameters = std::span<const ConstArray>(run.parameters_),
                 .states = std::span<const ConstArray>(run.states_),
                 .carried = std::span<const ConstArray>(run.carried_),
                 .caches = std::span<const Array>(run.caches_),
                 .workspaces = std::span<const Array>(run.workspaces_),
                 .masks = run.masks_,
                 .output_mask = run.mask.array(),
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
                  .parameters = std::span<const ConstArray>(run.parameters_),
                  .gradients = std::span<const Array>(run.gradients_),
                  .states = std::span<const ConstArray>(run.states_),
                  .carried = std::span<const ConstArray>(run.carried_),
                  .caches = std::span<const Array>(run.caches_),
                  .workspaces = std::span<const Array>(run.workspaces_),
                  .masks = run.masks_,
                  .output_mask = run.mask.array(),
                  .assign_gradients = run.assign});
}

void LayerProbe::update(Run& run, bool training) {
  show(run);
  std::vector<Array> moving, carried;
  if (training) show_arrays(declarations.states, states, moving);
  show_arrays(declarations.carries, run.carried, carried);
  layer.update({.states = std::span<const Array>(moving),
                .carried = std::span<const Array>(carried),
                .caches = std::span<const Array>(run.caches_)});
}

}  // namespace cornu
