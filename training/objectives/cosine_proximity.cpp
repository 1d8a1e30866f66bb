#include <cmath>

#include "cornu/training/objectives/builtin_objectives.hpp"

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
      const Direction t_r(t.data + r * D, D), p_r(p.data + r * D, D);
      scores[r] = static_cast<Scalar>(-cosine(t_r, p_r, D) / static_cast<double>(D));
    }
  }

  // d(cosine)/dp_i = (t_i / |t| - cosine * p_i / |p|) / |p|. Divided in this order, the gradient of
  // a single column, whose cosine is 1 or -1 whatever p, is zero to the last bit.
  void gradient(ConstView t, ConstView p, ConstArray weights, View dp) const override {
    const std::size_t D = p.shape.back();
    for (std::size_t r = 0; r < weights.size(); ++r) {
      const Direction t_r(t.data + r * D, D), p_r(p.data + r * D, D);
      const double along = cosine(t_r, p_r, D);
      const double factor =
          p_r.norm == 0 ? 0 : -static_cast<double>(weights[r]) / static_cast<double>(D) / p_r.norm;
      for (std::size_t i = 0; i < D; ++i)
        dp.data[r * D + i] = static_cast<Scalar>(factor * (t_r[i] - along * p_r[i]));
    }
  }

 private:
  /// x / |x| of one row, in double, where squares of single numbers do not overflow.
  struct Direction {
    Direction(const Scalar* row, std::size_t D) : x(row) {
      norm = std::sqrt(sum_of(D, [row](std::size_t i) {
        return static_cast<double>(row[i]) * static_cast<double>(row[i]);
      }));
    }
    double operator[](std::size_t i) const {
      return norm == 0 ? 0 : static_cast<double>(x[i]) / norm;
    }

    const Scalar* x;
    double norm;
  };

  static double cosine(const Direction& t, const Direction& p, std::size_t D) {
    return sum_of(D, [&](std::size_t i) { return t[i] * p[i]; });
  }
};

}  // namespace

void add_cosine_proximity(std::vector<ObjectivePtr>& table) {
  table.push_back(std::make_shared<CosineProximity>());
}

}  // namespace cornu::detail
