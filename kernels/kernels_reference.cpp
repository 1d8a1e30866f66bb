#include "cornu/kernels/kernels_reference.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "cornu/core/random.hpp"

namespace cornu::kernels::reference {
namespace {

template <class Function>
void each(const Scalar* x, Scalar* y, std::size_t n, Function function) {
  for (std::size_t i = 0; i < n; ++i) y[i] = function(x[i]);
}

template <class Derivative>
void each_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n,
                   Derivative derivative) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = dy[i] * derivative(y[i]);
}

}  // namespace

void relu(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return v < 0 ? Scalar{0} : v; });  // NaN stays
}
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = y[i] > 0 ? dy[i] : Scalar{0};
}

void tanh(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return std::tanh(v); });
}
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return (1 - v) * (1 + v); });
}

void sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return v < 0 ? std::exp(v) / (1 + std::exp(v)) : 1 / (1 + std::exp(-v)); });
}
void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return v * (1 - v); });
}

void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return std::clamp(Scalar(0.2) * v + Scalar(0.5), Scalar{0}, Scalar{1}); });
}
void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    dx[i] = y[i] > 0 && y[i] < 1 ? Scalar(0.2) * dy[i] : Scalar{0};
}

// log(1 + e^x), without overflow for large x.
void softplus(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n,
       [](Scalar v) { return v > 0 ? v + std::log1p(std::exp(-v)) : std::log1p(std::exp(v)); });
}
// The derivative is sigmoid(x), and e^-y = 1 / (1 + e^x) = 1 - sigmoid(x).
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return -std::expm1(-v); });
}

// The limits 1 and -1 at the infinities.
void softsign(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) {
    return std::isinf(v) ? std::copysign(Scalar{1}, v) : v / (1 + std::abs(v));
  });
}
// The derivative is 1 / (1 + |x|)^2, and 1 - |y| = 1 / (1 + |x|).
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  each_backward(y, dy, dx, n, [](Scalar v) { return (1 - std::abs(v)) * (1 - std::abs(v)); });
}

void exp(const Scalar* x, Scalar* y, std::size_t n) {
  each(x, y, n, [](Scalar v) { return std::exp(v); });
}

void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r, x += columns, y += columns) {
    if (columns == 0) continue;
    const Scalar most = *std::max_element(x, x + columns);
    double sum = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      y[c] = std::exp(x[c] - most);
      sum += y[c];
    }
    for (std::size_t c = 0; c < columns; ++c) y[c] = static_cast<Scalar>(y[c] / sum);
  }
}
void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                      std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r, y += columns, dy += columns, dx += columns) {
    double sum = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += static_cast<double>(dy[c]) * y[c];
    for (std::size_t c = 0; c < columns; ++c) dx[c] = static_cast<Scalar>(y[c] * (dy[c] - sum));
  }
}

void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at) {
  for (std::size_t r = 0; r < rows; ++r, x += columns) {
    at[r] = 0;
    Scalar most = -std::numeric_limits<Scalar>::infinity();
    for (std::size_t c = 0; c < columns; ++c)
      if (x[c] > most) most = x[c], at[r] = c;
  }
}
void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
                              std::size_t columns, Scalar epsilon, Scalar* scores) {
  for (std::size_t r = 0; r < rows; ++r, t += columns, p += columns) {
    double sum = 0, score = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += static_cast<double>(p[c]);
    for (std::size_t c = 0; c < columns; ++c) {
      const double q = sum == 0 ? 0 : static_cast<double>(p[c]) / sum, least = epsilon;
      score -= static_cast<double>(t[c]) * std::log(std::clamp(q, least, 1 - least));
    }
    scores[r] = static_cast<Scalar>(score);
  }
}
void softmax_crossentropy_backward(const Scalar* t, const Scalar* p, const Scalar* weights,
                                   std::size_t rows, std::size_t columns, Scalar* dz) {
  for (std::size_t r = 0; r < rows; ++r, t += columns, p += columns, dz += columns) {
    Scalar sum = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += t[c];
    for (std::size_t c = 0; c < columns; ++c) dz[c] = weights[r] * (p[c] * sum - t[c]);
  }
}

void philox(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
            std::uint32_t* out) {
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto first = static_cast<std::uint32_t>(counter[0] + b);
    const auto block = cornu::philox({first, counter[1], counter[2], counter[3]}, {key[0], key[1]});
    for (std::size_t word = 0; word < 4; ++word) out[4 * b + word] = block[word];
  }
}
void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) y[r * columns + c] = row[c];
}
void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows, std::size_t columns,
                 Scalar* y) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) y[r * columns + c] = x[order[r] * columns + c];
}
void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) sums[c] += x[r * columns + c];
}

void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}
void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}
void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] * b[i];
}
double sum_of_squares(const Scalar* x, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * x[i];
  return sum;
}
bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most) {
  return std::all_of(x, x + n, [=](Scalar v) { return least <= v && v <= most; });
}

}  // namespace cornu::kernels::reference
