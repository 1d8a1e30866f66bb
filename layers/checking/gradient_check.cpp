#include "cornu/layers/checking/gradient_check.hpp"

#include <algorithm>
#include <cstdio>

#include "cornu/layers/checking/layer_probe.hpp"

namespace cornu {

std::string GradientReport::to_string() const {
  char numbers[128];
  std::snprintf(numbers, sizeof numbers, "%zu elements, %zu at kinks, worst error %.2g", checked,
                kinks, worst_error);
  std::string text = std::string(passed ? "passed: " : "failed: ") + numbers;
  if (worst.empty()) return text;
  std::snprintf(numbers, sizeof numbers, ": backward gives %.9g, differences give %.9g", analytic,
                numeric);
  return text + " at " + worst + numbers;
}

GradientReport gradient_check(const Layer& layer, const std::vector<Shape>& inputs,
                              const GradientCheckOptions& options) {
  LayerProbe probe(layer, inputs, options.seed);
  LayerProbe::Run run = probe.start(std::max<std::size_t>(options.samples, 1));
  RandomStream random(options.seed, Purpose::user);
  for (GuardedArray& x : run.x) probe.draw(x.array(), random);
  // Weights that start at 0 or 1 would hide errors.
  for (Tensor& parameter : probe.parameters)
    for (Scalar& element : parameter.array()) element += static_cast<Scalar>(0.5 * random.normal());
  random.fill_normal(run.dy.array(), 0, 1);

  for (GuardedArray& carried : run.carried) random.fill_normal(carried.array(), 0, 1);

  // Each pass works on copies of x, since a layer may work in place, and begins with the same
  // carried numbers.
  LayerProbe::Run pass = probe.start(run.samples);
  pass.want_dx = layer.traits().indices_below == 0;
  const auto forward = [&] {
    pass.carried = run.carried;
    for (std::size_t i = 0; i < run.x.size(); ++i)
      std::copy(run.x[i].array().begin(), run.x[i].array().end(), pass.x[i].array().begin());
    probe.forward(pass, true);
  };
  const auto loss = [&] {
    forward();
    double sum = 0;
    const ConstArray y = pass.y.array(), dy = run.dy.array();
    for (std::size_t i = 0; i < y.size(); ++i) sum += static_cast<double>(y[i]) * dy[i];
    return sum;
  };
  const auto gradients = [&] {
    forward();
    std::copy(run.dy.array().begin(), run.dy.array().end(), pass.dy.array().begin());
    for (GuardedArray& gradient : pass.gradients)
      std::fill(gradient.array().begin(), gradient.array().end(), Scalar{0});
    probe.backward(pass);
  };

  std::vector<CheckedArray> arrays;
  for (std::size_t i = 0; pass.want_dx && i < run.x.size(); ++i)
    arrays.push_back({"input " + std::to_string(i), inputs[i].with_samples(run.samples),
                      run.x[i].array(), pass.dx[i].array()});
  for (std::size_t i = 0; i < probe.parameters.size(); ++i) {
    Tensor& parameter = probe.parameters[i];
    arrays.push_back({layer.name() + "_" + probe.declarations.parameters[i].name, parameter.shape(),
                      parameter.array(), pass.gradients[i].array()});
  }
  return compare_gradients(arrays, loss, gradients, options);
}

}  // namespace cornu
