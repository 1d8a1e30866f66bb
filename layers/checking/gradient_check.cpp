#include "cornu/layers/checking/gradient_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <type_traits>

#include "cornu/layers/checking/layer_probe.hpp"

namespace cornu {
namespace {

constexpr bool is_double = std::is_same_v<Scalar, double>;

std::string position(const Shape& shape, std::size_t index) {
  std::string text;
  for (std::size_t axis = shape.rank(); axis-- > 0; index /= shape[axis])
    text = std::to_string(index % shape[axis]) + (text.empty() ? "" : ", ") + text;
  return "(" + text + ")";
}

double relative(double a, double b) {
  const double error = std::abs(a - b) / std::max({1.0, std::abs(a), std::abs(b)});
  return std::isnan(error) ? HUGE_VAL : error;
}

/// The derivatives of L at one element, by differences.
struct Slopes {
  double left, right, central;
};

Slopes slopes(Scalar& element, double distance, const std::function<double()>& loss) {
  const Scalar value = element;
  const auto at = [&](double v) {
    element = static_cast<Scalar>(v);
    return std::pair{static_cast<double>(element), loss()};
  };
  const auto [up, above] = at(value + distance);
  const auto [down, below] = at(value - distance);
  const auto [middle, here] = at(value);  // puts the element back
  return {(here - below) / (middle - down), (above - here) / (up - middle),
          (above - below) / (up - down)};
}

}  // namespace

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

GradientComparison::GradientComparison(const GradientCheckOptions& options)
    : step_(options.step > 0 ? options.step : (is_double ? 1e-5 : 1e-2)),
      tolerance_(options.tolerance > 0 ? options.tolerance : (is_double ? 1e-6 : 2e-2)) {}

void GradientComparison::compare(const std::string& name, const Shape& shape, Array values,
                                 ConstArray gradient, const std::function<double()>& loss) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double analytic = gradient[i];
    const double distance = step_ * std::max(1.0, std::abs(static_cast<double>(values[i])));
    Slopes best = slopes(values[i], distance, loss);
    double error = relative(analytic, best.central);
    bool kink = false;
    if (error > tolerance_) {
      // Either backward is wrong or a kink lies between the two points. Nearer to the element a
      // smooth function's one-sided slopes approach each other; at a kink they stay apart, and
      // next to one they settle once it is outside.
      for (const double nearer : {0.1, 0.01}) {
        const Slopes closer = slopes(values[i], distance * nearer, loss);
        if (relative(analytic, closer.central) < error) {
          error = relative(analytic, closer.central);
          best = closer;
        }
      }
      const double low = std::min(best.left, best.right), high = std::max(best.left, best.right);
      const bool apart = relative(best.left, best.right) > std::max(10 * tolerance_, 0.01);
      kink = error > tolerance_ && apart && analytic >= low - tolerance_ &&
             analytic <= high + tolerance_;
    }
    if (kink) {
      ++report_.kinks;
    } else {
      ++report_.checked;
      if (error >= report_.worst_error) {
        report_.worst_error = error;
        report_.worst = name + position(shape, i);
        report_.analytic = analytic;
        report_.numeric = best.central;
      }
    }
  }
  report_.passed = report_.worst_error <= tolerance_ && report_.kinks <= report_.checked;
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
  run.want_dx = layer.traits().indices_below == 0;

  probe.forward(run, true);
  probe.backward(run);

  LayerProbe::Run again = probe.start(run.samples);
  again.carried = run.carried;
  const auto loss = [&] {
    for (std::size_t i = 0; i < run.x.size(); ++i)
      std::copy(run.x[i].array().begin(), run.x[i].array().end(), again.x[i].array().begin());
    probe.forward(again, true);
    double sum = 0;
    const ConstArray y = again.y.array(), dy = run.dy.array();
    for (std::size_t i = 0; i < y.size(); ++i) sum += static_cast<double>(y[i]) * dy[i];
    return sum;
  };

  GradientComparison comparison(options);
  for (std::size_t i = 0; run.want_dx && i < run.x.size(); ++i)
    comparison.compare("input " + std::to_string(i), inputs[i].with_samples(run.samples),
                       run.x[i].array(), run.dx[i].array(), loss);
  for (std::size_t i = 0; i < probe.parameters.size(); ++i) {
    Tensor& parameter = probe.parameters[i];
    comparison.compare(layer.name() + "_" + probe.declarations.parameters[i].name,
                       parameter.shape(), parameter.array(), run.gradients[i].array(), loss);
  }
  return comparison.report();
}

}  // namespace cornu
