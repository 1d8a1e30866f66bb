// The objectives that are a mean, over the last axis, of a formula of one element. Each formula is
// a struct with its value and `slope`, the derivative by p. Where Keras clips, the derivative
// is zero outside the interval.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "cornu/training/objectives/builtin_objectives.hpp"

namespace cornu::detail {
namespace {

/// (p - t)^2
struct MeanSquaredError {
  static constexpr const char* name = "mean_squared_error";
  static Scalar value(Scalar t, Scalar p) { return (p - t) * (p - t); }
  static Scalar slope(Scalar t, Scalar p) { return 2 * (p - t); }
};

Scalar sign(Scalar x) { return static_cast<Scalar>((x > 0) - (x < 0)); }

/// |p - t|
struct MeanAbsoluteError {
  static constexpr const char* name = "mean_absolute_error";
  static Scalar value(Scalar t, Scalar p) { return std::abs(p - t); }
  static Scalar slope(Scalar t, Scalar p) { return sign(p - t); }
};

/// 100 |t - p| / max(|t|, epsilon)
struct MeanAbsolutePercentageError {
  static constexpr const char* name = "mean_absolute_percentage_error";
  static Scalar value(Scalar t, Scalar p) {
    return 100 * std::abs(t - p) / std::max(std::abs(t), keras_epsilon);
  }
  static Scalar slope(Scalar t, Scalar p) {
    return 100 * sign(p - t) / std::max(std::abs(t), keras_epsilon);
  }
};

/// (log(max(p, epsilon) + 1) - log(max(t, epsilon) + 1))^2
struct MeanSquaredLogarithmicError {
  static constexpr const char* name = "mean_squared_logarithmic_error";
  static Scalar difference(Scalar t, Scalar p) {
    return std::log1p(std::max(p, keras_epsilon)) - std::log1p(std::max(t, keras_epsilon));
  }
  static Scalar value(Scalar t, Scalar p) { return difference(t, p) * difference(t, p); }
  static Scalar slope(Scalar t, Scalar p) {
    return p < keras_epsilon ? 0 : 2 * difference(t, p) / (p + 1);
  }
};

/// max(1 - t p, 0)^2, with classes -1 and 1
struct SquaredHinge {
  static constexpr const char* name = "squared_hinge";
  static Scalar margin(Scalar t, Scalar p) { return std::max<Scalar>(1 - t * p, 0); }
  static Scalar value(Scalar t, Scalar p) { return margin(t, p) * margin(t, p); }
  static Scalar slope(Scalar t, Scalar p) { return -2 * t * margin(t, p); }
};

/// max(1 - t p, 0), with classes -1 and 1
struct Hinge {
  static constexpr const char* name = "hinge";
  static Scalar value(Scalar t, Scalar p) { return std::max<Scalar>(1 - t * p, 0); }
  static Scalar slope(Scalar t, Scalar p) { return 1 - t * p > 0 ? -t : 0; }
};

/// -(t log q + (1 - t) log(1 - q)) with q = clip(p, epsilon, 1 - epsilon); t is in [0, 1].
struct BinaryCrossentropy {
  static constexpr const char* name = "binary_crossentropy";
  static Scalar value(Scalar t, Scalar p) {
    const Scalar q = std::clamp(p, keras_epsilon, 1 - keras_epsilon);
    if (t == 0) return -std::log(1 - q);
    if (t == 1) return -std::log(q);
    return -(t * std::log(q) + (1 - t) * std::log(1 - q));
  }
  static Scalar slope(Scalar t, Scalar p) {
    if (p < keras_epsilon || p > 1 - keras_epsilon) return 0;
    return (p - t) / (p * (1 - p));
  }
};

/// p - t log(p + epsilon), with counts t from 0 up
struct Poisson {
  static constexpr const char* name = "poisson";
  static Scalar value(Scalar t, Scalar p) { return p - t * std::log(p + keras_epsilon); }
  static Scalar slope(Scalar t, Scalar p) { return 1 - t / (p + keras_epsilon); }
};

/// d^2 / 2 where |d| <= 1, else |d| - 1/2, with d = p - t
/// (Huber, "Robust Estimation of a Location Parameter", 1964; Keras 2's, with its delta of 1)
struct Huber {
  static constexpr const char* name = "huber";
  static Scalar value(Scalar t, Scalar p) {
    const Scalar distance = std::abs(p - t);
    return distance <= 1 ? distance * distance / 2 : distance - static_cast<Scalar>(0.5);
  }
  static Scalar slope(Scalar t, Scalar p) { return std::clamp<Scalar>(p - t, -1, 1); }
};

/// log(cosh(p - t)), which is d^2 / 2 near 0 and |d| - log 2 far from it (Keras 2's)
struct LogCosh {
  static constexpr const char* name = "logcosh";
  // log((e^d + e^-d) / 2) = |d| + log(1 + e^-2|d|) - log 2, which does not overflow
  static Scalar value(Scalar t, Scalar p) {
    const Scalar distance = std::abs(p - t);
    return distance + std::log1p(std::exp(-2 * distance)) - std::numbers::ln2_v<Scalar>;
  }
  static Scalar slope(Scalar t, Scalar p) { return std::tanh(p - t); }
};

template <class Formula>
class MeanObjective : public Objective {
 public:
  std::string_view name() const final { return Formula::name; }

  void score(ConstView t, ConstView p, Array scores) const final {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const Scalar *t_r = t.data + r * D, *p_r = p.data + r * D;
      const double sum = sum_of(D, [=](std::size_t i) { return Formula::value(t_r[i], p_r[i]); });
      scores[r] = static_cast<Scalar>(sum / static_cast<double>(D));
    }
  }

  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const final {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar *t_r = t.data + r * D, *p_r = p.data + r * D;
      Scalar* dp_r = dp.data + r * D;
      const Scalar weight = weights[r] / static_cast<Scalar>(D);
      for (std::size_t i = 0; i < D; ++i) dp_r[i] = weight * Formula::slope(t_r[i], p_r[i]);
    }
  }
};

/// With p = sigmoid(z) the two derivatives (p - t) / (p (1 - p)) and p (1 - p) cancel:
/// dL/dz = weight * (p - t) / D, also where p is rounded to 0 or 1 and Keras's gradient is zero.
class BinaryCrossentropyObjective final : public MeanObjective<BinaryCrossentropy> {
 public:
  bool joins(std::string_view activation) const override { return activation == "sigmoid"; }

  void check_targets(ConstView t, const Shape&, std::string_view place) const override {
    check_range(place, name(), t, 0, 1, "probabilities from 0 to 1",
                "for classes written as -1 and 1 use the loss hinge");
  }

  void joint_gradient(ConstView t, ConstView p, ConstArray weights, View dz) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar weight = weights[r] / static_cast<Scalar>(D);
      for (std::size_t i = r * D; i < (r + 1) * D; ++i)
        dz.data[i] = weight * (p.data[i] - t.data[i]);
    }
  }
};

class PoissonObjective final : public MeanObjective<Poisson> {
 public:
  void check_targets(ConstView t, const Shape&, std::string_view place) const override {
    check_range(place, name(), t, 0, std::numeric_limits<Scalar>::max(), "counts from 0 up",
                "counts are never negative");
  }
};

}  // namespace

void add_mean_objectives(std::vector<ObjectivePtr>& table) {
  table.push_back(std::make_shared<MeanObjective<MeanSquaredError>>());
  table.push_back(std::make_shared<MeanObjective<MeanAbsoluteError>>());
  table.push_back(std::make_shared<MeanObjective<MeanAbsolutePercentageError>>());
  table.push_back(std::make_shared<MeanObjective<MeanSquaredLogarithmicError>>());
  table.push_back(std::make_shared<MeanObjective<SquaredHinge>>());
  table.push_back(std::make_shared<MeanObjective<Hinge>>());
  table.push_back(std::make_shared<BinaryCrossentropyObjective>());
  table.push_back(std::make_shared<PoissonObjective>());
  table.push_back(std::make_shared<MeanObjective<Huber>>());
  table.push_back(std::make_shared<MeanObjective<LogCosh>>());
}

}  // namespace cornu::detail
