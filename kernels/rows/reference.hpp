#pragma once

// Not a public header.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "cornu/core/config.hpp"

/// What the kernels of kernels/rows/rows.hpp compute, written so that it can be read.
namespace cornu::kernels::reference {

inline void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r, x += columns, y += columns) {
    if (columns == 0) continue;
    const Scalar most = *std::max_element(x, x + columns);
    double sum = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      y[c] = std::exp(x[c] - most);
      sum += y[c];
    }
    for (std::size_t c = 0; c < columns; ++c) {
      y[c] = static_cast<Scalar>(y[c] / sum);
      if (y[c] < std::numeric_limits<Scalar>::min()) y[c] = 0;
    }
  }
}
inline void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                             std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r, y += columns, dy += columns, dx += columns) {
    double sum = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += static_cast<double>(dy[c]) * y[c];
    for (std::size_t c = 0; c < columns; ++c) dx[c] = static_cast<Scalar>(y[c] * (dy[c] - sum));
  }
}

inline void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at) {
  for (std::size_t r = 0; r < rows; ++r, x += columns) {
    at[r] = 0;
    Scalar most = -std::numeric_limits<Scalar>::infinity();
    for (std::size_t c = 0; c < columns; ++c)
      if (x[c] > most) most = x[c], at[r] = c;
  }
}
inline void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
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
inline void softmax_crossentropy_backward(const Scalar* t, const Scalar* p, const Scalar* weights,
                                          std::size_t rows, std::size_t columns, Scalar* dz) {
  for (std::size_t r = 0; r < rows; ++r, t += columns, p += columns, dz += columns) {
    Scalar sum = 0;
    for (std::size_t c = 0; c < columns; ++c) sum += t[c];
    for (std::size_t c = 0; c < columns; ++c) {
      dz[c] = weights[r] * (p[c] * sum - t[c]);
      if (std::abs(dz[c]) < static_cast<Scalar>(sizeof(Scalar) == 4 ? 0x1p-90 : 0x1p-900))
        dz[c] = 0;
    }
  }
}

inline void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) y[r * columns + c] = row[c];
}
inline void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows,
                        std::size_t columns, Scalar* y) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) y[r * columns + c] = x[order[r] * columns + c];
}
inline void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows, std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) sums[c] += x[r * columns + c];
}

}  // namespace cornu::kernels::reference
