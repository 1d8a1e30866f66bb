#include <cmath>

#include "cornu/training/builtin_objectives.hpp"

namespace cornu::detail {
namespace {

/// -(1 / D) sum over i of (t_i / |t|) (p_i / |p|): Keras 1 takes the mean, so that the least value
/// is -1 / D. A row of zeros has no direction; its share is zero, where Keras gets NaN.
class CosineProximity final : public Objective {
 public:
  std::string_view name() const override { return "cosine_proximity"; }

  void score(ConstView t, ConstView p, Array scores) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < scores.size(); ++r) {
      const Row row(t.data + r * D, p.data + r * D, D);
      scores[r] = static_cast<Scalar>(-row.cosine() / static_cast<double>(D));
    }
  }

  // d(cosine)/dp_i = (t_i / |t| - cosine * p_i / |p|) / |p|
  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Scalar *t_r = t.data + r * D, *p_r = p.data + r * D;
      Scalar* dp_r = dp.data + r * D;
      const Row row(t_r, p_r, D);
      const double weight = -static_cast<double>(weights[r]) / static_cast<double>(D);
      const double t_factor = weight * row.inverse_t * row.inverse_p;
      const double p_factor = weight * row.cosine() * row.inverse_p * row.inverse_p;
      for (std::size_t i = 0; i < D; ++i)
        dp_r[i] = static_cast<Scalar>(t_factor * static_cast<double>(t_r[i]) -
                                      p_factor * static_cast<double>(p_r[i]));
    }
  }

 private:
  /// One row's sums, in double, where squares of single numbers do not overflow.
  struct Row {
    Row(const Scalar* t, const Scalar* p, std::size_t D) {
      inverse_t = inverse_norm(t, D);
      inverse_p = inverse_norm(p, D);
      product = sum_of(
          D, [=](std::size_t i) { return static_cast<double>(t[i]) * static_cast<double>(p[i]); });
    }
    double cosine() const { return product * inverse_t * inverse_p; }

    static double inverse_norm(const Scalar* x, std::size_t D) {
      const double squares = sum_of(
          D, [=](std::size_t i) { return static_cast<double>(x[i]) * static_cast<double>(x[i]); });
      return squares == 0 ? 0 : 1 / std::sqrt(squares);
    }

    double inverse_t, inverse_p, product;
  };
};

}  // namespace

void add_cosine_proximity(std::vector<ObjectivePtr>& table) {
  table.push_back(std::make_shared<CosineProximity>());
}

}  // namespace cornu::detail
