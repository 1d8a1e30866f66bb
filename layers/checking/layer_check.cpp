#include "cornu/layers/checking/layer_check.hpp"

#include <memory>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/layers/checking/layer_check_parts.hpp"
#include "cornu/layers/layer_class.hpp"

namespace cornu {

std::string LayerReport::to_string() const {
  if (passed()) return "passed";
  std::string text;
  for (const std::string& failure : failures) text += failure + "\n";
  return text;
}

LayerReport check_layer(const Layer& layer, const std::vector<Shape>& inputs,
                        const LayerCheckOptions& options) {
  return detail::LayerCheck(layer, inputs, options).run();
}

namespace detail {

LayerCheck::LayerCheck(const Layer& layer, const std::vector<Shape>& inputs,
                       const LayerCheckOptions& options)
    : options_(options), probe_(layer, inputs, options.seed), traits_(layer.traits()) {
  // Weights that start at 0 or 1 would hide errors.
  RandomStream random(options.seed, Purpose::user, 1);
  for (Tensor& parameter : probe_.parameters)
    for (Scalar& element : parameter.array()) element += static_cast<Scalar>(0.5 * random.normal());
}

// Each step takes for granted what the steps before it found right.
LayerReport LayerCheck::run() {
  check_build();
  for (const std::size_t samples : {1u, 2u, 7u}) {
    if (!passed()) return report_;
    samples_ = samples;
    check_forward(false);
    check_forward(true);
    if (!passed()) return report_;
    check_backward();
    check_in_place();
  }
  if (!passed()) return report_;
  check_threads();
  check_allocations();
  check_update();
  check_gradients();
  check_config();
  check_weights();
  return report_;
}

void LayerCheck::expect(bool holds, const std::string& failure) {
  if (holds) return;
  const std::string batch = samples_ ? "batch of " + std::to_string(samples_) + ": " : "";
  report_.failures.push_back(batch + failure);
}

LayerCheck::Run LayerCheck::start(std::size_t samples) const {
  Run run = probe_.start(samples);
  RandomStream random(options_.seed, Purpose::user, 2);
  for (GuardedArray& x : run.x) probe_.draw(x.array(), random);
  random.fill_normal(run.dy.array(), 0, 1);
  for (GuardedArray& carried : run.carried) random.fill_normal(carried.array(), 0, 1);
  run.want_dx = traits_.indices_below == 0;  // indices have no gradient
  for (auto* list : {&run.caches, &run.workspaces, &run.dx})
    for (GuardedArray& array : *list) array.poison();
  run.y.poison();
  run.mask.poison();
  return run;
}

bool LayerCheck::intact(const Run& run) {
  const auto whole = [](const GuardedArray& array) { return array.intact(); };
  bool all = whole(run.y) && whole(run.dy) && whole(run.mask);
  for (const auto* list :
       {&run.x, &run.dx, &run.carried, &run.masks, &run.caches, &run.workspaces, &run.gradients})
    all = all && std::all_of(list->begin(), list->end(), whole);
  return all;
}

void LayerCheck::check_build() {
  expect(!(traits_.in_place && traits_.reads_input),
         "traits say in_place and reads_input: after working in place the input is gone");
  expect(!traits_.in_place || probe_.output.size() == probe_.inputs[0].size(),
         "traits say in_place, but output and input differ in size");
  const LayerProbe again(probe_.layer, probe_.inputs, options_.seed);
  expect(again.output == probe_.output, "build gives another output shape the second time");
  const auto same = [](const auto& a, const auto& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& p, const auto& q) {
      return p.slot == q.slot && p.name == q.name && p.shape == q.shape;
    });
  };
  expect(same(again.declarations.parameters, probe_.declarations.parameters) &&
             same(again.declarations.states, probe_.declarations.states),
         "build declares other parameters or states the second time");
}

void LayerCheck::check_allocations() {
  if (!options_.allocations) return;
  Run run = start(samples_);
  probe_.forward(run, true);
  probe_.backward(run);
  const std::uint64_t before = options_.allocations();
  probe_.forward(run, true);
  const std::uint64_t between = options_.allocations();
  probe_.backward(run);
  const std::uint64_t after = options_.allocations();
  expect(between == before, "forward allocates memory");
  expect(after == between, "backward allocates memory");
}

void LayerCheck::check_update() {
  LayerProbe probe = probe_;
  Run run = start(samples_);
  probe.forward(run, true);
  probe.backward(run);
  const std::vector<Tensor> before = probe.states;
  probe.update(run);
  bool moved = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    expect(finite(probe.states[i].array()),
           "update leaves " + probe.declarations.states[i].name + " not finite");
    moved = moved || !same_bits(before[i].array(), probe.states[i].array());
  }
  expect(intact(run), "update writes outside of an array");
  expect(traits_.updates_state || !moved, "update moves states, but traits do not say so");
  for (const bool training : {false, true}) check_carried(training);
}

void LayerCheck::check_carried(bool training) {
  if (probe_.declarations.carries.empty()) return;
  const std::string when = training ? " in training" : " in testing";
  LayerProbe probe = probe_;
  Run run = start(samples_);
  const Run before = run;
  probe.forward(run, training);
  for (std::size_t i = 0; i < run.carried.size(); ++i)
    expect(same_bits(run.carried[i].array(), before.carried[i].array()),
           "forward changes what is carried, which is update's business" + when);
  probe.update(run, training);
  bool moved = false;
  for (std::size_t i = 0; i < run.carried.size(); ++i) {
    expect(finite(run.carried[i].array()),
           "update leaves " + probe.declarations.carries[i].name + " not finite" + when);
    moved = moved || !same_bits(run.carried[i].array(), before.carried[i].array());
  }
  expect(moved, "update does not move on what is carried" + when);
  expect(intact(run), "update writes outside of an array" + when);
}

void LayerCheck::check_gradients() {
  const GradientReport report = gradient_check(probe_.layer, probe_.inputs, options_.gradients);
  expect(report.passed, "gradient check " + report.to_string());
}

void LayerCheck::check_config() {
  const Layer& layer = probe_.layer;
  const std::vector<std::string> known = layer_class_names();
  if (std::find(known.begin(), known.end(), layer.class_name()) == known.end()) return;
  const nlohmann::json config = nlohmann::json::parse(layer.config().dump());
  const LayerPtr twin = layer_from_json(layer.class_name(), config, "config");
  expect(twin->config() == config, "the config of a layer made from the config is another");
  expect(twin->class_name() == layer.class_name() && twin->name() == layer.name() &&
             twin->trainable() == layer.trainable(),
         "a layer made from the config has another name, class or trainable flag");

  Run run = start(samples_), again = start(samples_);
  LayerProbe probe(*twin, probe_.inputs, options_.seed);
  expect(probe.output == probe_.output, "a layer made from the config gives another output shape");
  if (!passed()) return;
  probe.parameters = probe_.parameters;
  probe.states = probe_.states;
  probe_.forward(run, true);
  probe.forward(again, true);
  expect(same_bits(run.y.array(), again.y.array()),
         "a layer made from the config computes something else");
}

void LayerCheck::check_weights() {
  const std::vector<Tensor> given = probe_.layer.initial_weights();
  if (given.empty()) return;
  bool fits = given.size() == probe_.parameters.size() + probe_.states.size();
  for (std::size_t i = 0; fits && i < given.size(); ++i) {
    const std::size_t trained = probe_.parameters.size();
    const Tensor& own = i < trained ? probe_.parameters[i] : probe_.states[i - trained];
    fits = given[i].shape() == own.shape();
  }
  expect(fits, "initial_weights do not fit the parameters and states that build declares");
}

}  // namespace detail
}  // namespace cornu
