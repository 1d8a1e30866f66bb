#include "cornu/layers/checking/slope.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cornu::detail {

// Three central differences over s = h, h/2, h/4,
//
//     D(s) = (L(s) - L(-s)) / 2s = L' + c s^2 + d s^4 + ...,
//
// give two values free of s^2 and from these one free of s^4 (Richardson):
//
//     R = (64 D(h/4) - 20 D(h/2) + D(h)) / 45.
//
// That holds where L is smooth. A kink at 0 < t < s, where the slope jumps by J, adds
// J (s - t) / 2s to D(s), and the nearer it is, the less the three differ: they agree on the mean
// of both sides. But it adds exactly the same to the even half of the losses,
//
//     G(s) = (L(s) + L(-s) - 2 L(0)) / 2s = a s + b s^3 + ... + J (s - t) / 2s,
//
// and so does a jump of L itself. Weights of sum 1 that take out the smooth part, s alone or s and
// s^3, leave what a near kink did:
//
//     K = (16 G(h/4) - 10 G(h/2) + G(h)) / 7,   K' = 2 G(h/2) - G(h),   K" = 2 G(h/4) - G(h/2).
//
// For one kink anywhere in (0, h), the largest of |K|, |K'|, |K"| is at least the error of R: with
// p = t/h < 1/4 that error is J/2 (1 - 4.82 p), K is J/2 (1 - 6.43 p), K' is J/2 (1 - 3 p); further
// out R's error is less than a seventh of J, and K larger. Several kinks may hide each other in one
// of the three, and in how the differences of two distances disagree, but hardly in all. The value
// and its blur then span the slopes of both sides: a derivative from either, or between them, does
// not count as wrong.
Slope slope(const Along& along, double here, double h, double sigma) {
  double D[3], G[3];
  for (int k = 0; k < 3; ++k) {
    const double s = std::ldexp(h, -k);
    const auto [up, above] = along(s);
    const auto [down, below] = along(-s);
    D[k] = (above - below) / (up - down);
    // The points may lie askew by a rounding, which the slope tells apart from curvature.
    G[k] = (above + below - 2 * here - D[k] * (up + down)) / (up - down);
  }
  const double rough = (4 * D[2] - D[1]) / 3, rougher = (4 * D[1] - D[0]) / 3;
  Slope result;
  result.value = (64 * D[2] - 20 * D[1] + D[0]) / 45;
  result.blur =
      std::abs(rough - rougher) + std::max({std::abs(16 * G[2] - 10 * G[1] + G[0]) / 7,
                                            std::abs(2 * G[1] - G[0]), std::abs(2 * G[2] - G[1])});
  // The errors of six independent losses make one of 4.1 sigma / h in R; eight times that is not
  // met by chance.
  result.noise = 8 * 4.1 * sigma / h;
  if (!std::isfinite(result.value + result.blur)) {
    result.value = 0;
    result.blur = std::numeric_limits<double>::infinity();
  }
  return result;
}

Slope best_slope(const Along& along, double here, double h, double sigma, double tolerance) {
  constexpr int distances = 6;
  Slope best = slope(along, here, h, sigma);
  for (int k = 1; k < distances; ++k) {
    if (best.blur <= std::max(best.noise, tolerance * std::abs(best.value) / 4)) break;
    h /= 4;
    const Slope nearer = slope(along, here, h, sigma);
    if (nearer.noise >= best.error()) break;
    if (nearer.error() < best.error()) best = nearer;
  }
  return best;
}

}  // namespace cornu::detail
