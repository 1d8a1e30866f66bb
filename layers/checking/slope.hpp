#pragma once

// Not a public header: the derivative of a loss along a line, by differences, and how far it may be
// off.

#include <functional>
#include <utility>

namespace cornu::detail {

/// The loss at a distance from the point that is looked at: where it was taken in fact, since a
/// moved number is rounded, and L there.
using Along = std::function<std::pair<double, double>(double distance)>;

struct Slope {
  double value = 0;
  double blur = 0;   ///< what curvature, kinks and jumps nearby may have done to the value
  double noise = 0;  ///< what rounding in L may have done to it

  double error() const { return blur + noise; }
};

/// dL/dt at t = 0 from six losses at +-h, +-h/2, +-h/4; `here` is L(0), and `sigma` the standard
/// deviation of L's rounding errors.
Slope slope(const Along& along, double here, double h, double sigma);

/// The same with the best of several distances: h, h/4, ... The search ends where the value is good
/// enough, which is `tolerance` of it, or where rounding would take more than nearness gives.
Slope best_slope(const Along& along, double here, double h, double sigma, double tolerance);

}  // namespace cornu::detail
