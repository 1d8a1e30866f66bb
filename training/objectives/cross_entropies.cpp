// The objectives that are a sum over classes. With S = sum(p) over the last axis, Keras first makes
// q = p / S, then clips it to [epsilon, 1 - epsilon]; outside the interval the gradient is zero.

#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "cornu/training/objectives/builtin_objectives.hpp"

namespace cornu::detail {
namespace {

bool inside(Scalar q) { return q >= keras_epsilon && q <= 1 - keras_epsilon; }
Scalar clipped(Scalar q) { return std::clamp(q, keras_epsilon, 1 - keras_epsilon); }

/// 1 / sum(p); where the sum is zero Keras gets NaN, here q is zero and thus clipped.
Scalar inverse_sum(const Scalar* p, std::size_t n) {
  const double sum = sum_of(n, [p](std::size_t i) { return p[i]; });
  return sum == 0 ? 0 : static_cast<Scalar>(1 / sum);
}

/// -sum over i of t_i log q_i with q = clip(p / sum(p), epsilon, 1 - epsilon): t is a row of 0 and
/// 1, or of probabilities, with one column a class (at least two); it is never negative.
class CategoricalCrossentropy final : public Objective {
 public:
  std::string_view name() const override { return "categorical_crossentropy"; }

  void check_shapes(const Shape& t, const Shape& p, std::string_view place) const override {
    const char* help =
        "turn class numbers into one row of 0 and 1 each (to_categorical), or use the loss "
        "sparse_categorical_crossentropy; for two classes in one column, binary_crossentropy";
    if (t.empty() || p.empty() || t.back() == 1)
      throw ShapeError(place,
                       std::string(name()) + " expected targets with one column a class, got " +
                           t.to_string_with_samples(),
                       help);
    if (!(t == p))
      throw ShapeError(place,
                       std::string(name()) + " expected targets of the output's shape " +
                           p.to_string_with_samples() + ", got " + t.to_string_with_samples(),
                       help);
  }

  void score(ConstView t, ConstView p, Array scores) const override {
    kernels::categorical_crossentropy(t.data, p.data, scores.size(), p.shape.back(), keras_epsilon,
                                      scores.data());
  }

  // From dL/dq_i = -t_i / q_i and q = p / S:  dL/dp_i = (dL/dq_i - sum_j dL/dq_j q_j) / S, where
  // the terms with q outside the interval are zero.
  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar *t_r = t.data + r * D, *p_r = p.data + r * D;
      Scalar* dp_r = dp.data + r * D;
      const Scalar inverse = inverse_sum(p_r, D), weight = weights[r] * inverse;
      Scalar sum = 0;
      for (std::size_t i = 0; i < D; ++i)
        if (inside(p_r[i] * inverse)) sum += t_r[i];
      for (std::size_t i = 0; i < D; ++i) {
        const Scalar q = p_r[i] * inverse;
        dp_r[i] = weight * (inside(q) ? sum - t_r[i] / q : sum);
      }
    }
  }

  void check_targets(ConstView t, const Shape&, std::string_view place) const override {
    check_range(place, name(), t, 0, std::numeric_limits<Scalar>::max(),
                "probabilities, never negative,", "a row has 1 for its class and 0 elsewhere");
  }

  bool joins(std::string_view activation) const override { return activation == "softmax"; }

  // Through p = softmax(z):  dL/dz_i = p_i sum_j t_j - t_i.
  void joint_gradient(ConstView t, ConstView p, ConstArray weights, View dz) const override {
    kernels::softmax_crossentropy_backward(t.data, p.data, weights.data(), weights.size(),
                                           p.shape.back(), dz.data);
  }
};

/// -log q_t, q as for categorical_crossentropy: t (N, ..., 1) holds the number of the class, from 0
/// to D - 1, instead of a row of 0 and 1.
class SparseCategoricalCrossentropy final : public Objective {
 public:
  std::string_view name() const override { return "sparse_categorical_crossentropy"; }

  void check_shapes(const Shape& t, const Shape& p, std::string_view place) const override {
    if (t.rank() == p.rank() && !t.empty() && t.back() == 1 &&
        std::equal(t.begin(), t.end() - 1, p.begin()))
      return;
    Shape expected = p;
    if (!p.empty()) {
      std::vector<std::size_t> sizes(p.begin(), p.end());
      sizes.back() = 1;
      expected = Shape(sizes);
    }
    throw ShapeError(place,
                     std::string(name()) + " expected targets of shape " +
                         expected.to_string_with_samples() + " for the output's " +
                         p.to_string_with_samples() + ", got " + t.to_string_with_samples(),
                     "give one class number a row; for one column a class use "
                     "categorical_crossentropy");
  }

  void check_targets(ConstView t, const Shape& p, std::string_view place) const override {
    const auto classes = static_cast<Scalar>(p.back());
    for (std::size_t i = 0; i < t.size(); ++i) {
      const Scalar label = t.data[i];
      if (!(label >= 0 && label < classes && label == std::floor(label)))
        throw_bad_target(place, name(), t, i,
                         "whole class numbers from 0 to " + std::to_string(p.back() - 1),
                         "the last layer has one output a class, and classes count from 0");
    }
  }

  void score(ConstView t, ConstView p, Array scores) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const Scalar* p_r = p.data + r * D;
      scores[r] = -std::log(clipped(p_r[label(t, r)] * inverse_sum(p_r, D)));
    }
  }

  // As above with t_i = 1 for the one class.
  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar* p_r = p.data + r * D;
      Scalar* dp_r = dp.data + r * D;
      const Scalar inverse = inverse_sum(p_r, D), weight = weights[r] * inverse;
      const std::size_t y = label(t, r);
      const Scalar q = p_r[y] * inverse;
      std::fill_n(dp_r, D, inside(q) ? weight : 0);
      if (inside(q)) dp_r[y] = weight * (1 - 1 / q);
    }
  }

  bool joins(std::string_view activation) const override { return activation == "softmax"; }

  void joint_gradient(ConstView t, ConstView p, ConstArray weights, View dz) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar* p_r = p.data + r * D;
      Scalar* dz_r = dz.data + r * D;
      for (std::size_t i = 0; i < D; ++i) dz_r[i] = weights[r] * p_r[i];
      dz_r[label(t, r)] -= weights[r];
    }
  }

 private:
  static std::size_t label(ConstView t, std::size_t row) {
    return static_cast<std::size_t>(t.data[row]);
  }
};

/// sum over i of t_i log(t_i / p_i), both clipped to [epsilon, 1] (Keras 1.0.4)
class KullbackLeiblerDivergence final : public Objective {
 public:
  std::string_view name() const override { return "kullback_leibler_divergence"; }

  void score(ConstView t, ConstView p, Array scores) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const Scalar *t_r = t.data + r * D, *p_r = p.data + r * D;
      const double sum = sum_of(D, [=](std::size_t i) {
        return to_unit(t_r[i]) * std::log(to_unit(t_r[i]) / to_unit(p_r[i]));
      });
      scores[r] = static_cast<Scalar>(sum);
    }
  }

  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r)
      for (std::size_t i = r * D; i < (r + 1) * D; ++i)
        dp.data[i] = p.data[i] >= keras_epsilon && p.data[i] <= 1
                         ? -weights[r] * to_unit(t.data[i]) / p.data[i]
                         : 0;
  }

 private:
  static Scalar to_unit(Scalar x) { return std::clamp<Scalar>(x, keras_epsilon, 1); }
};

}  // namespace

void add_cross_entropies(std::vector<ObjectivePtr>& table) {
  table.push_back(std::make_shared<CategoricalCrossentropy>());
  table.push_back(std::make_shared<SparseCategoricalCrossentropy>());
  table.push_back(std::make_shared<KullbackLeiblerDivergence>());
}

}  // namespace cornu::detail
