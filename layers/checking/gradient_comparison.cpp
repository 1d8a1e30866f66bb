#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <type_traits>

#include "cornu/core/error.hpp"
#include "cornu/layers/checking/gradient_check.hpp"
#include "cornu/layers/checking/slope.hpp"

namespace cornu {
namespace {

constexpr bool is_double = std::is_same_v<Scalar, double>;
constexpr double epsilon = std::numeric_limits<Scalar>::epsilon();

std::string position(const Shape& shape, std::size_t index) {
  std::string text;
  for (std::size_t axis = shape.rank(); axis-- > 0; index /= shape[axis])
    text = std::to_string(index % shape[axis]) + (text.empty() ? "" : ", ") + text;
  return "(" + text + ")";
}

double norm(ConstArray values) {
  double squares = 0;
  for (const Scalar value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

double rms(ConstArray values) {
  return values.empty() ? 0 : norm(values) / std::sqrt(static_cast<double>(values.size()));
}

double tolerance_of(const GradientCheckOptions& options) {
  return options.tolerance > 0 ? options.tolerance : (is_double ? 1e-6 : 2e-4);
}

bool passes(const GradientReport& report, double tolerance) {
  return report.worst_error <= tolerance && report.kinks <= report.checked;
}

/// The standard deviation of the rounding errors in values of a smooth function at points so near
/// to each other that it is a parabola there: what is left in differences of third and fourth
/// order. A difference of order m of independent errors has the variance of one times (2m over m).
/// (Hamming; Moré and Wild, Estimating Computational Noise, 2011.)
double deviation(std::array<double, 8> values) {
  double variance = 0, binomial = 2;
  for (std::size_t order = 1; order <= 4; ++order) {
    double squares = 0;
    for (std::size_t i = 0; i + order < values.size(); ++i) {
      values[i] = values[i + 1] - values[i];
      squares += values[i] * values[i];
    }
    if (order >= 3)
      variance =
          std::max(variance, squares / static_cast<double>(values.size() - order) / binomial);
    binomial *= 2 * (2 * static_cast<double>(order) + 1) / static_cast<double>(order + 1);
  }
  return std::sqrt(variance);
}

/// What backward and the differences say of one element, or of one array along its gradient.
struct Finding {
  double analytic = 0;
  detail::Slope numeric;
  double scale = 0;    ///< the larger of the two
  double typical = 0;  ///< of the array's derivatives
  /// How many times the blur an error must exceed: one kink is bounded by it, the sum of several,
  /// of which a batch of a hundred samples has many, only as a rule.
  double caution = 1;

  double difference() const { return std::abs(analytic - numeric.value); }
  /// The error that is certain, relative.
  double certain() const {
    if (!std::isfinite(analytic)) return HUGE_VAL;
    const double beyond = difference() - caution * numeric.blur - numeric.noise;
    return beyond > 0 ? beyond / scale : 0;
  }
  /// Whether kinks hide the slope.
  bool hidden() const {
    return numeric.blur > numeric.noise && numeric.blur > 0.05 * std::max(scale, typical);
  }
};

class Comparison {
 public:
  Comparison(const std::vector<CheckedArray>& arrays, const std::function<double()>& loss,
             const std::function<void()>& gradients, const GradientCheckOptions& options)
      : arrays_(arrays),
        loss_(loss),
        gradients_(gradients),
        step_(options.step > 0 ? options.step : (is_double ? std::ldexp(1, -9) : 0.0625)),
        tolerance_(tolerance_of(options)),
        random_(options.seed, Purpose::noise) {
    kept_ = values();
  }
  ~Comparison() { put_back(); }
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  GradientReport run() {
    if (gradients_) gradients_();
    if (!settle())
      throw NumericError("gradient_check",
                         "the loss is not finite: there is no derivative to compare with",
                         "check the inputs and targets, and that the loss suits the outputs");
    for (std::size_t a = 0; a < arrays_.size(); ++a) {
      const ConstArray gradient = arrays_[a].gradient;
      if (gradient.size() > 1 && std::isfinite(norm(gradient)) && norm(gradient) > 0)
        first_look({.array = a, .whole = true});
      for (std::size_t i = 0; i < gradient.size(); ++i) first_look({.array = a, .index = i});
    }
    // With other distances as well, so that other kinks lie within them.
    const double step = step_;
    for (const double part : {0.75, 0.5, 1.0, 0.3, 0.6, 0.2, 0.85, 0.4}) {
      if (!gradients_ || suspects_.empty()) break;
      step_ = step * part;
      move();
      gradients_();
      if (settle()) look_again();
      put_back();
    }
    for (const Suspect& suspect : suspects_) judge(suspect);
    report_.passed = passes(report_, tolerance_);
    return report_;
  }

 private:
  struct Place {
    std::size_t array, index = 0;
    bool whole = false;
  };
  struct Suspect {
    Place place;
    Finding finding;
    int against = 0, agreed = 0;
  };

  /// Learns the loss at the present point and the size of its rounding errors.
  bool settle() {
    here_ = loss_();
    if (!std::isfinite(here_)) return false;
    const double floor = epsilon / 4 * std::abs(here_);
    std::array<double, 5> seen;
    for (double& line : seen) line = deviation(losses_near());
    // A kink in the way of one line or two is not rounding.
    std::sort(seen.begin(), seen.end());
    sigma_ = std::isfinite(seen[2]) ? std::max(floor, seen[2]) : floor;
    return true;
  }

  /// Losses at equal steps along a random line, so short that L is smooth there, and so long that
  /// everything within rounds differently at each.
  std::array<double, 8> losses_near() {
    const std::vector<std::vector<Scalar>> point = values();
    std::size_t count = 0;
    for (const auto& array : point) count += array.size();
    const double stride = (is_double ? std::ldexp(1, -18) : std::ldexp(1, -13)) /
                          std::sqrt(static_cast<double>(std::max<std::size_t>(count, 1)));
    std::vector<std::vector<double>> line;
    for (const auto& array : point) {
      line.emplace_back();
      for (const Scalar value : array)
        line.back().push_back(random_.normal() * stride * std::max(0.25, std::abs(double(value))));
    }
    std::array<double, 8> losses;
    for (std::size_t j = 0; j < losses.size(); ++j) {
      for (std::size_t a = 0; a < point.size(); ++a)
        for (std::size_t i = 0; i < point[a].size(); ++i)
          arrays_[a].values[i] =
              static_cast<Scalar>(point[a][i] + static_cast<double>(j) * line[a][i]);
      losses[j] = loss_();
    }
    set(point);
    return losses;
  }

  std::vector<std::vector<Scalar>> values() const {
    std::vector<std::vector<Scalar>> all;
    for (const CheckedArray& array : arrays_)
      all.emplace_back(array.values.begin(), array.values.end());
    return all;
  }
  void set(const std::vector<std::vector<Scalar>>& values) noexcept {
    for (std::size_t a = 0; a < arrays_.size(); ++a)
      std::copy(values[a].begin(), values[a].end(), arrays_[a].values.begin());
  }
  void put_back() noexcept { set(kept_); }

  /// To a point nearby that shares no tie with the first: biases of zero put many a relu on its
  /// kink exactly.
  void move() {
    for (std::size_t a = 0; a < arrays_.size(); ++a) {
      const double reach = 0.125 * std::max(rms(kept_[a]), 0.25);
      for (std::size_t i = 0; i < kept_[a].size(); ++i) {
        const double distance = reach * (0.5 + random_.uniform());
        arrays_[a].values[i] =
            static_cast<Scalar>(kept_[a][i] + (random_.uniform() < 0.5 ? -distance : distance));
      }
    }
  }

  Finding look(const Place& place) {
    const CheckedArray& array = arrays_[place.array];
    Finding finding;
    finding.caution = gradients_ ? 3 : 1;
    finding.analytic = place.whole ? norm(array.gradient) : array.gradient[place.index];
    finding.typical = rms(array.gradient);
    if (!std::isfinite(finding.analytic)) return finding;
    finding.numeric =
        place.whole ? slope_of(array, finding.analytic) : slope_of(array.values[place.index]);
    finding.scale = std::max(std::abs(finding.analytic), std::abs(finding.numeric.value));
    return finding;
  }

  detail::Slope slope_of(Scalar& element) {
    const Scalar value = element;
    const double unit = std::exp2(std::floor(std::log2(std::max(1.0, std::abs(double(value))))));
    const detail::Slope slope = detail::best_slope(
        [&](double distance) {
          element = static_cast<Scalar>(value + distance);
          const double moved = static_cast<double>(element) - value;
          return std::pair{moved, loss_()};
        },
        here_, step_ * unit, sigma_, tolerance_);
    element = value;
    return slope;
  }

  /// Along an array's gradient of this length.
  detail::Slope slope_of(const CheckedArray& array, double length) {
    const std::vector<Scalar> point(array.values.begin(), array.values.end());
    // Each element is rounded where it lands, which moves L a little to the side.
    double largest = 1;
    for (const Scalar value : point) largest = std::max(largest, std::abs(double(value)));
    const double sigma = std::hypot(sigma_, epsilon / 3 * length * largest);
    const detail::Slope slope = detail::best_slope(
        [&](double distance) {
          for (std::size_t i = 0; i < point.size(); ++i)
            array.values[i] = static_cast<Scalar>(point[i] + distance * array.gradient[i] / length);
          return std::pair{distance, loss_()};
        },
        here_, step_, sigma, tolerance_);
    std::copy(point.begin(), point.end(), array.values.begin());
    return slope;
  }

  void first_look(const Place& place) {
    const Finding finding = look(place);
    const bool wrong = finding.certain() > tolerance_;
    if (wrong || (finding.hidden() && !place.whole))
      suspects_.push_back({place, finding, wrong ? 1 : 0});
    else
      count(place, finding);
  }

  /// Looks at the suspects at another point. Four findings against an element convict it, two for
  /// it acquit; one that is not sharp enough to see the first point's error does neither.
  void look_again() {
    std::vector<Suspect> left;
    for (Suspect& suspect : suspects_) {
      const Finding now = look(suspect.place);
      if (now.certain() > tolerance_) {
        ++suspect.against;
      } else if (suspect.against == 0 ? !now.hidden() : sharp(now, suspect.finding)) {
        ++suspect.agreed;
      }
      if (suspect.against == 0 && suspect.agreed > 0)
        count(suspect.place, now);
      else if (suspect.against >= 4 || (suspect.agreed >= 2 && suspect.agreed > suspect.against))
        judge(suspect);
      else
        left.push_back(suspect);
    }
    suspects_ = std::move(left);
  }

  static bool sharp(const Finding& now, const Finding& first) {
    return now.numeric.error() <= 0.5 * now.scale * first.difference() / first.scale;
  }

  void judge(const Suspect& suspect) {
    if (suspect.against > suspect.agreed && (suspect.against > 1 || !gradients_))
      count(suspect.place, suspect.finding);
    else if (suspect.place.whole || suspect.agreed > 0)
      report_.checked += suspect.place.whole ? 0 : 1;
    else
      ++report_.kinks;
  }

  void count(const Place& place, const Finding& finding) {
    if (!place.whole) ++report_.checked;
    const double error = finding.certain();
    // An element that is wrong says more than the array that it stands in.
    const bool wrong_element = !place.whole && error > tolerance_;
    if (place.whole && (error <= tolerance_ || element_is_wrong_)) return;
    if (error < report_.worst_error && (!wrong_element || element_is_wrong_)) return;
    element_is_wrong_ = element_is_wrong_ || wrong_element;
    const CheckedArray& array = arrays_[place.array];
    report_.worst_error = error;
    report_.worst =
        array.name + (place.whole ? " along its gradient" : position(array.shape, place.index));
    report_.analytic = finding.analytic;
    report_.numeric = finding.numeric.value;
  }

  const std::vector<CheckedArray>& arrays_;
  const std::function<double()>& loss_;
  const std::function<void()>& gradients_;
  double step_, tolerance_;
  RandomStream random_;
  std::vector<std::vector<Scalar>> kept_;
  double here_ = 0, sigma_ = 0;  ///< L at the present point, and how it is rounded
  std::vector<Suspect> suspects_;
  bool element_is_wrong_ = false;  ///< the one that the report names
  GradientReport report_;
};

}  // namespace

GradientReport compare_gradients(const std::vector<CheckedArray>& arrays,
                                 const std::function<double()>& loss,
                                 const std::function<void()>& gradients,
                                 const GradientCheckOptions& options) {
  return Comparison(arrays, loss, gradients, options).run();
}

void GradientComparison::compare(const std::string& name, const Shape& shape, Array values,
                                 ConstArray gradient, const std::function<double()>& loss) {
  const GradientReport one =
      compare_gradients({{name, shape, values, gradient}}, loss, {}, options_);
  if (report_.worst.empty() || one.worst_error > report_.worst_error) {
    report_.worst_error = one.worst_error;
    report_.worst = one.worst;
    report_.analytic = one.analytic;
    report_.numeric = one.numeric;
  }
  report_.checked += one.checked;
  report_.kinks += one.kinks;
  report_.passed = passes(report_, tolerance_of(options_));
}

}  // namespace cornu
