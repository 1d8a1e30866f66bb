#pragma once

// Not a public header: the kernels, compiled once for each instruction set (CORNU_KERNEL_SET, from
// the files core/kernels_*.cpp). The loops are plain; the compiler turns them into vectors of the
// width that the file's options allow. Nothing here may call an inline function from elsewhere.

#include "cornu/core/elementary.hpp"
#include "cornu/core/kernels_table.hpp"

namespace cornu::kernels {
namespace {

using std::size_t;

template <class Function>
inline void map(const Scalar* x, Scalar* y, size_t n, Function function) {
#pragma omp simd
  for (size_t i = 0; i < n; ++i) y[i] = function(x[i]);
}
template <class Function>
inline void map(const Scalar* a, const Scalar* b, Scalar* y, size_t n, Function function) {
#pragma omp simd
  for (size_t i = 0; i < n; ++i) y[i] = function(a[i], b[i]);
}

void relu(const Scalar* x, Scalar* y, size_t n) {
  map(x, y, n, [](Scalar v) { return select(v < 0, Scalar(0), v); });
}
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return select(v > 0, d, Scalar(0)); });
}

void tanh(const Scalar* x, Scalar* y, size_t n) { map(x, y, n, tanh_of); }
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return d * (1 - v * v); });
}

void sigmoid(const Scalar* x, Scalar* y, size_t n) { map(x, y, n, sigmoid_of); }
void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return d * (v * (1 - v)); });
}

void hard_sigmoid(const Scalar* x, Scalar* y, size_t n) {
  map(x, y, n, [](Scalar v) {
    v = Scalar(0.2) * v + Scalar(0.5);
    v = select(v < 0, Scalar(0), v);
    return select(v > 1, Scalar(1), v);
  });
}
void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) {
    const Scalar inner = select(v < 1, Scalar(0.2) * d, Scalar(0));
    return select(v > 0, inner, Scalar(0));
  });
}

void softplus(const Scalar* x, Scalar* y, size_t n) { map(x, y, n, softplus_of); }
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return d * -expm1_of_negative(-v); });
}

void softsign(const Scalar* x, Scalar* y, size_t n) {
  map(x, y, n, [](Scalar v) {
    const Scalar magnitude = absolute(v);
    const Scalar inside = v / (1 + magnitude);
    return select(
        magnitude > static_cast<Scalar>(is_float ? 0x1.fffffep127 : 0x1.fffffffffffffp1023),
        with_sign_of(1, v), inside);
  });
}
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) {
    const Scalar rest = 1 - absolute(v);
    return d * (rest * rest);
  });
}

void exp(const Scalar* x, Scalar* y, size_t n) { map(x, y, n, exp_of); }

/// How many partial results a reduction keeps: one vector of the widest kind.
constexpr size_t lanes = 64 / sizeof(Scalar);

/// The largest of x[0..n), n > 0. A NaN may be lost.
inline Scalar largest(const Scalar* x, size_t n) {
  Scalar most = x[0];
  size_t i = 0;
  if (n >= 2 * lanes) {
    Scalar lane[lanes];
    for (size_t l = 0; l < lanes; ++l) lane[l] = x[l];
    for (i = lanes; i + lanes <= n; i += lanes)
      for (size_t l = 0; l < lanes; ++l) lane[l] = select(x[i + l] > lane[l], x[i + l], lane[l]);
    for (size_t l = 0; l < lanes; ++l) most = select(lane[l] > most, lane[l], most);
  }
  for (; i < n; ++i) most = select(x[i] > most, x[i], most);
  return most;
}

/// The sum of term(0) ... term(n - 1), in the same order on every machine.
template <class Sum, class Term>
inline Sum sum_of(size_t n, Term term) {
  Sum sum = 0;
  size_t i = 0;
  if (n >= 2 * lanes) {
    Sum lane[lanes] = {};
    for (; i + lanes <= n; i += lanes)
      for (size_t l = 0; l < lanes; ++l) lane[l] += term(i + l);
    for (size_t l = 0; l < lanes; ++l) sum += lane[l];
  }
  for (; i < n; ++i) sum += term(i);
  return sum;
}

// A block of rows at a time, so that the exponentials run over whole blocks even where a row is
// shorter than a vector, and a block stays in the cache from pass to pass.
void softmax(const Scalar* x, Scalar* y, size_t rows, size_t columns) {
  if (columns == 0) return;
  const size_t block = columns >= 2048 ? 1 : 2048 / columns;
  for (size_t first = 0; first < rows; first += block) {
    const size_t count = rows - first < block ? rows - first : block;
    const Scalar* in = x + first * columns;
    Scalar* out = y + first * columns;
    for (size_t r = 0; r < count; ++r) {
      const Scalar most = largest(in + r * columns, columns);
      for (size_t c = 0; c < columns; ++c) out[r * columns + c] = in[r * columns + c] - most;
    }
    exp(out, out, count * columns);
    for (size_t r = 0; r < count; ++r) {
      Scalar* row = out + r * columns;
      const Scalar scale = 1 / sum_of<Scalar>(columns, [row](size_t c) { return row[c]; });
      for (size_t c = 0; c < columns; ++c) row[c] *= scale;
    }
  }
}
void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; ++r, y += columns, dy += columns, dx += columns) {
    const Scalar sum = sum_of<Scalar>(columns, [y, dy](size_t c) { return dy[c] * y[c]; });
    map(y, dy, dx, columns, [sum](Scalar v, Scalar d) { return v * (d - sum); });
  }
}

// One row, then the rows so far again and again: few and long copies for short rows.
void fill_rows(const Scalar* row, Scalar* y, size_t rows, size_t columns) {
  const size_t n = rows * columns;
  if (n == 0) return;
  __builtin_memcpy(y, row, columns * sizeof(Scalar));
  for (size_t done = columns; done < n;) {
    const size_t length = done < 2048 ? done : (2048 + columns - 1) / columns * columns;
    const size_t count =
        length < n - done && length <= done ? length : (n - done < done ? n - done : done);
    __builtin_memcpy(y + done, y, count * sizeof(Scalar));
    done += count;
  }
}

void add_column_sums(const Scalar* x, Scalar* sums, size_t rows, size_t columns) {
  size_t r = 0;
  for (; r + 4 <= rows; r += 4, x += 4 * columns) {
    const Scalar *x1 = x + columns, *x2 = x1 + columns, *x3 = x2 + columns;
#pragma omp simd
    for (size_t c = 0; c < columns; ++c) sums[c] += (x[c] + x1[c]) + (x2[c] + x3[c]);
  }
  for (; r < rows; ++r, x += columns) {
#pragma omp simd
    for (size_t c = 0; c < columns; ++c) sums[c] += x[c];
  }
}

void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, size_t n) {
  map(x, y, y, n, [alpha](Scalar v, Scalar before) { return before + alpha * v; });
}
void add(const Scalar* a, const Scalar* b, Scalar* y, size_t n) {
  map(a, b, y, n, [](Scalar v, Scalar w) { return v + w; });
}
void multiply(const Scalar* a, const Scalar* b, Scalar* y, size_t n) {
  map(a, b, y, n, [](Scalar v, Scalar w) { return v * w; });
}

double sum_of_squares(const Scalar* x, size_t n) {
  return sum_of<double>(n, [x](size_t i) {
    const double v = static_cast<double>(x[i]);
    return v * v;
  });
}

// A number is not finite when all bits of its exponent are set.
bool all_finite(const Scalar* x, size_t n) {
  constexpr Bits exponent = ((Bits{1} << (is_float ? 8 : 11)) - 1) << mantissa_bits;
  Bits found = 0;
#pragma omp simd reduction(| : found)
  for (size_t i = 0; i < n; ++i) found |= (bits_of(x[i]) & exponent) == exponent ? 1 : 0;
  return found == 0;
}

}  // namespace

#define CORNU_TEXT_OF(name) #name
#define CORNU_TEXT(name) CORNU_TEXT_OF(name)

const detail::Table detail::CORNU_KERNEL_SET = {
    .name = CORNU_TEXT(CORNU_KERNEL_SET),
    .relu = kernels::relu,
    .tanh = kernels::tanh,
    .sigmoid = kernels::sigmoid,
    .hard_sigmoid = kernels::hard_sigmoid,
    .softplus = kernels::softplus,
    .softsign = kernels::softsign,
    .exp = kernels::exp,
    .relu_backward = kernels::relu_backward,
    .tanh_backward = kernels::tanh_backward,
    .sigmoid_backward = kernels::sigmoid_backward,
    .hard_sigmoid_backward = kernels::hard_sigmoid_backward,
    .softplus_backward = kernels::softplus_backward,
    .softsign_backward = kernels::softsign_backward,
    .softmax = kernels::softmax,
    .softmax_backward = kernels::softmax_backward,
    .fill_rows = kernels::fill_rows,
    .add_column_sums = kernels::add_column_sums,
    .add_scaled = kernels::add_scaled,
    .add = kernels::add,
    .multiply = kernels::multiply,
    .sum_of_squares = kernels::sum_of_squares,
    .all_finite = kernels::all_finite,
};

}  // namespace cornu::kernels
