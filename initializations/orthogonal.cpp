#include <cmath>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/initializations/builtins.hpp"

namespace cornu::detail {
namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Gram and Schmidt, each projection made twice, which is enough to be orthogonal to the last
/// digits (Giraud et al., "The loss of orthogonality in the Gram-Schmidt orthogonalization
/// process", 2005). Returns false when `v` lies in the span of `basis`.
bool orthonormalize(Vector& v, const std::vector<Vector>& basis) {
  const double length = std::sqrt(dot(v, v));
  for (int pass = 0; pass < 2; ++pass) {
    for (const Vector& u : basis) {
      const double overlap = dot(v, u);
      for (std::size_t i = 0; i < v.size(); ++i) v[i] -= overlap * u[i];
    }
  }
  const double rest = std::sqrt(dot(v, v));
  if (!(rest > 1e-10 * length)) return false;
  for (double& element : v) element /= rest;
  return true;
}

}  // namespace

// Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
// networks", ICLR 2014. With the array seen as a matrix (rows, columns) = (s0, product of the
// rest), its shorter side becomes a set of orthonormal vectors, times `scale`. Keras takes them
// from the singular value decomposition of a normal matrix; orthonormalizing normal vectors one
// after the other draws from the same, rotation-invariant distribution.
void orthogonal(const Shape& shape, double scale, RandomStream& random, Array out) {
  if (shape.rank() < 2)
    throw ShapeError("orthogonal", "expected at least two axes, got " + shape.to_string(),
                     "use 'uniform' or 'zero' for vectors");
  if (out.empty()) return;
  const std::size_t rows = shape[0], columns = out.size() / rows;
  const bool tall = rows >= columns;
  const std::size_t count = tall ? columns : rows, length = tall ? rows : columns;

  std::vector<Vector> basis;
  basis.reserve(count);
  while (basis.size() < count) {
    Vector v(length);
    for (double& element : v) element = random.normal();
    if (orthonormalize(v, basis)) basis.push_back(std::move(v));
  }
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t at = tall ? i * columns + k : k * columns + i;
      out[at] = static_cast<Scalar>(scale * basis[k][i]);
    }
  }
}

}  // namespace cornu::detail
