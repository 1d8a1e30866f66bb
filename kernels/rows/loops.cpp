// Loops over the rows of matrices, compiled once for each instruction set (core/loops.hpp).

#include "cornu/kernels/rows/rows.hpp"

#include "cornu/core/loops.hpp"
#include "cornu/kernels/vectors/elementary.inc"
#include "cornu/kernels/vectors/maps.inc"

namespace cornu::kernels {

namespace rows {

/// The family's loops for one instruction set.
struct Table {
  decltype(&kernels::softmax) softmax;
  decltype(&kernels::softmax_backward) softmax_backward;
  decltype(&kernels::argmax) argmax;
  decltype(&kernels::categorical_crossentropy) categorical_crossentropy;
  decltype(&kernels::softmax_crossentropy_backward) softmax_crossentropy_backward;
  decltype(&kernels::fill_rows) fill_rows;
  decltype(&kernels::gather_rows) gather_rows;
  decltype(&kernels::add_column_sums) add_column_sums;
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace rows

namespace loops {
namespace {

/// A row of whole vectors and a last one that is full or partial.
struct Row {
  size_t whole;
  Part last;
  explicit Row(size_t columns)
      : whole((columns - 1) / vector_width * vector_width), last(columns - whole) {}
};

/// As many rows as a vector has lanes, turned: lane r of column[c] is x[r, c]. Rows shorter than
/// two vectors leave lanes idle and are folded one by one; turned, they do neither.
struct TurnedRows {
  static constexpr size_t most_columns = 2 * vector_width;
  Vector column[most_columns];

  TurnedRows(const Scalar* x, size_t columns) {
    for_parts(columns, [&](size_t first, const Part& part) {
      Vector rows[vector_width];
#pragma GCC unroll 16
      for (size_t r = 0; r < vector_width; ++r) rows[r] = part.load(x + r * columns + first);
      transpose(rows);
#pragma GCC unroll 16
      for (size_t r = 0; r < vector_width; ++r) column[first + r] = rows[r];
    });
  }
  void store(Scalar* y, size_t columns) const {
    for_parts(columns, [&](size_t first, const Part& part) {
      Vector rows[vector_width];
#pragma GCC unroll 16
      for (size_t r = 0; r < vector_width; ++r) rows[r] = column[first + r];
      transpose(rows);
#pragma GCC unroll 16
      for (size_t r = 0; r < vector_width; ++r) part.store(y + r * columns + first, rows[r]);
    });
  }

 private:
  template <class Body>
  static void for_parts(size_t columns, const Body& body) {
    for (size_t first = 0; first < columns; first += vector_width) {
      const size_t rest = columns - first;
      body(first, Part(rest < vector_width ? rest : vector_width));
    }
  }
};

/// Calls body(r) for the first row r of each group that can be turned; how many rows these have.
template <class Body>
inline size_t for_turned(size_t rows, size_t columns, const Body& body) {
  if (columns > TurnedRows::most_columns) return 0;
  const size_t turned = rows / vector_width * vector_width;
  for (size_t r = 0; r < turned; r += vector_width) body(r);
  return turned;
}

/// term(0) + ... + term(columns - 1), in the order in which a row by itself is folded.
template <class Term>
inline Vector sum_of_turned(size_t columns, const Term& term) {
  Vector sums[vector_width] = {};
  for (size_t c = 0; c < columns && c < vector_width; ++c) sums[c] = term(c);
  for (size_t c = vector_width; c < columns; ++c) sums[c - vector_width] += term(c);
#pragma GCC unroll 4
  for (size_t half = vector_width / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (size_t c = 0; c < half; ++c) sums[c] += sums[c + half];
  return sums[0];
}

/// Where data are learnt by heart, softmax's small outputs shrink to denormals, which tell nothing
/// and which processors are slow at, here and in all products on the way back.
inline Vector without_below(Vector x, Scalar least) {
  return select(absolute(x) < least, Vector{}, x);
}
inline Vector without_denormals(Vector x) {
  return without_below(x, std::numeric_limits<Scalar>::min());
}
/// A gradient so small that its products with weights and features would be denormal.
inline Vector without_tiny(Vector x) {
  return without_below(x, static_cast<Scalar>(is_float ? 0x1p-90 : 0x1p-900));
}

void softmax_turned(const Scalar* x, Scalar* y, size_t columns) {
  TurnedRows turned(x, columns);
  Vector most = turned.column[0];
  for (size_t c = 1; c < columns; ++c) most = larger(turned.column[c], most);
  const Vector sum = sum_of_turned(columns, [&](size_t c) {
    return turned.column[c] = exp_of_negative(turned.column[c] - most);
  });
  const Vector scale = quotient(all_lanes(1), sum);
  for (size_t c = 0; c < columns; ++c)
    turned.column[c] = without_denormals(turned.column[c] * scale);
  turned.store(y, columns);
}

void softmax_rows(const Scalar* x, Scalar* y, size_t rows, size_t columns) {
  const Row row(columns);
  // The next row comes while this one's powers are worked out, or as much as is foreseen elsewhere.
  const size_t next = next_row(columns);
  for (size_t r = 0; r < rows; ++r, x += columns, y += columns) {
    const Vector last = row.last.load(x + row.whole);
    Vector most = row.last.choose(last, all_lanes(-infinity));
    for (size_t c = 0; c < row.whole; c += vector_width) most = larger(load(x + c), most);
    most = fold_lanes(most, larger);
    const Vector last_power = row.last.choose(exp_of_negative(last - most), Vector{});
    Vector sum = last_power;
    prefetch(x + row.whole + next);
    prefetch(y + row.whole + next);
    for (size_t c = 0; c < row.whole; c += vector_width) {
      prefetch(x + c + next);
      prefetch(y + c + next);
      const Vector power = exp_of_negative(load(x + c) - most);
      store(y + c, power);
      sum += power;
    }
    const Vector scale =
        quotient(all_lanes(1), fold_lanes(sum, [](Vector a, Vector b) { return a + b; }));
    for (size_t c = 0; c < row.whole; c += vector_width)
      store(y + c, without_denormals(load(y + c) * scale));
    row.last.store(y + row.whole, without_denormals(last_power * scale));
  }
}

void softmax(const Scalar* x, Scalar* y, size_t rows, size_t columns) {
  if (rows == 0 || columns == 0) return;
  const size_t turned = for_turned(
      rows, columns, [=](size_t r) { softmax_turned(x + r * columns, y + r * columns, columns); });
  x += turned * columns;
  y += turned * columns;
  rows -= turned;
  // A processor waits with loads of what the mask of a store left out until that store is done.
  // Rows that are shorter than a vector would so wait for each other in place: they are read from a
  // copy.
  Scalar copy[vector_width * vector_width];
  if (x == y && columns < vector_width) {
    __builtin_memcpy(copy, x, rows * columns * sizeof(Scalar));
    x = copy;
  }
  softmax_rows(x, y, rows, columns);
}

void argmax_turned(const Scalar* x, size_t columns, size_t* at) {
  const TurnedRows turned(x, columns);
  Vector most = all_lanes(-infinity);
  IntegerVector greatest{};
  for (size_t c = 0; c < columns; ++c) {
    const auto greater = turned.column[c] > most;
    most = greater ? turned.column[c] : most;
    greatest = greater ? IntegerVector{} + static_cast<Bits>(c) : greatest;
  }
  for (size_t r = 0; r < vector_width; ++r) at[r] = static_cast<size_t>(greatest[r]);
}

size_t argmax_of(const Scalar* x, const Row& row) {
  const Vector last = row.last.choose(row.last.load(x + row.whole), all_lanes(not_a_number));
  Vector most = larger(last, all_lanes(-infinity));
  for (size_t c = 0; c < row.whole; c += vector_width) most = larger(load(x + c), most);
  most = fold_lanes(most, larger);
  if (most[0] == -infinity) return 0;
  for (size_t c = 0; c < row.whole; c += vector_width)
    if (const size_t lane = first_lane(load(x + c) == most); lane < vector_width) return c + lane;
  return row.whole + first_lane(last == most);
}
void argmax(const Scalar* x, size_t rows, size_t columns, size_t* at) {
  if (columns == 0) return;
  const size_t turned =
      for_turned(rows, columns, [=](size_t r) { argmax_turned(x + r * columns, columns, at + r); });
  const Row row(columns);
  for (size_t r = turned; r < rows; ++r) at[r] = argmax_of(x + r * columns, row);
}

/// t log q with q = p / sum(p), clipped so that no logarithm is infinite: where t is 0, so is this.
struct CrossentropyTerm {
  Scalar least;
  template <class Inverse>
  Vector operator()(Vector t, Vector p, Inverse inverse_sum) const {
    return t * log_of_normal(at_most(at_least(p * inverse_sum, least), 1 - least));
  }
};

void categorical_crossentropy(const Scalar* t, const Scalar* p, size_t rows, size_t columns,
                              Scalar epsilon, Scalar* scores) {
  if (columns == 0) return;
  const CrossentropyTerm term{epsilon};
  const size_t turned = for_turned(rows, columns, [=](size_t r) {
    const TurnedRows t_r(t + r * columns, columns), p_r(p + r * columns, columns);
    const Vector sum = sum_of_turned(columns, [&](size_t c) { return p_r.column[c]; });
    const Vector inverse = sum == 0 ? Vector{} : 1 / sum;
    store(scores + r, 0 - sum_of_turned(columns, [&](size_t c) {
                        return term(t_r.column[c], p_r.column[c], inverse);
                      }));
  });
  const Row row(columns);
  for (size_t r = turned; r < rows; ++r) {
    const Scalar *const t_r = t + r * columns, *const p_r = p + r * columns;
    const Vector last = row.last.load(p_r + row.whole);
    Vector sums = last;
    for (size_t c = 0; c < row.whole; c += vector_width) sums += load(p_r + c);
    const Scalar sum = sum_of_lanes(sums), inverse = sum == 0 ? 0 : 1 / sum;
    Vector terms = term(row.last.load(t_r + row.whole), last, inverse);
    for (size_t c = 0; c < row.whole; c += vector_width)
      terms += term(load(t_r + c), load(p_r + c), inverse);
    scores[r] = 0 - sum_of_lanes(terms);
  }
}

void softmax_crossentropy_backward(const Scalar* t, const Scalar* p, const Scalar* weights,
                                   size_t rows, size_t columns, Scalar* dz) {
  if (columns == 0) return;
  const Row row(columns);
  for (size_t r = 0; r < rows; ++r, t += columns, p += columns, dz += columns) {
    const Vector last = row.last.load(t + row.whole);
    Vector sums = last;
    for (size_t c = 0; c < row.whole; c += vector_width) sums += load(t + c);
    const Scalar weight = weights[r], sum = sum_of_lanes(sums);
    for (size_t c = 0; c < row.whole; c += vector_width)
      store(dz + c, without_tiny(weight * (load(p + c) * sum - load(t + c))));
    row.last.store(dz + row.whole,
                   without_tiny(weight * (row.last.load(p + row.whole) * sum - last)));
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

void gather_rows(const Scalar* x, const size_t* order, size_t rows, size_t columns, Scalar* y) {
  if (columns == 0) return;
  const Row row(columns);
  for (size_t r = 0; r < rows; ++r, y += columns) {
    const Scalar* const from = x + order[r] * columns;
    for (size_t c = 0; c < row.whole; c += vector_width) store(y + c, load(from + c));
    row.last.store(y + row.whole, row.last.load(from + row.whole));
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

}  // namespace
}  // namespace loops

const rows::Table rows::CORNU_LOOPS = {
    .softmax = loops::softmax,
    .softmax_backward = loops::softmax_backward,
    .argmax = loops::argmax,
    .categorical_crossentropy = loops::categorical_crossentropy,
    .softmax_crossentropy_backward = loops::softmax_crossentropy_backward,
    .fill_rows = loops::fill_rows,
    .gather_rows = loops::gather_rows,
    .add_column_sums = loops::add_column_sums,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include "cornu/kernels/sharing.hpp"

namespace cornu::kernels {
namespace rows {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace rows

namespace {

/// kernel(first row, count) over shares of the rows, which do not depend on each other. What is
/// done with them (exponentials, logarithms) takes several times as long as the other kernels.
template <class Kernel>
void share_rows(std::size_t rows, std::size_t columns, const Kernel& kernel) {
  const std::size_t parts = cornu::detail::parts_of(rows * columns, detail::least_numbers / 4);
  if (parts == 1) return kernel(std::size_t{0}, rows);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] = cornu::detail::share_of(rows, 16, part, parts);
    if (first != last) kernel(first, last - first);
  });
}

}  // namespace

void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns) {
  share_rows(rows, columns, [=](std::size_t r, std::size_t count) {
    kernels::rows::table().softmax(x + r * columns, y + r * columns, count, columns);
  });
}
void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                      std::size_t columns) {
  share_rows(rows, columns, [=](std::size_t r, std::size_t count) {
    const std::size_t i = r * columns;
    kernels::rows::table().softmax_backward(y + i, dy + i, dx + i, count, columns);
  });
}
void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at) {
  kernels::rows::table().argmax(x, rows, columns, at);
}
void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
                              std::size_t columns, Scalar epsilon, Scalar* scores) {
  share_rows(rows, columns, [=](std::size_t r, std::size_t count) {
    const std::size_t i = r * columns;
    kernels::rows::table().categorical_crossentropy(t + i, p + i, count, columns, epsilon,
                                                    scores + r);
  });
}
void softmax_crossentropy_backward(const Scalar* t, const Scalar* p, const Scalar* weights,
                                   std::size_t rows, std::size_t columns, Scalar* dz) {
  share_rows(rows, columns, [=](std::size_t r, std::size_t count) {
    const std::size_t i = r * columns;
    kernels::rows::table().softmax_crossentropy_backward(t + i, p + i, weights + r, count, columns,
                                                         dz + i);
  });
}
void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns) {
  kernels::rows::table().fill_rows(row, y, rows, columns);
}
void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows, std::size_t columns,
                 Scalar* y) {
  kernels::rows::table().gather_rows(x, order, rows, columns, y);
}
void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows, std::size_t columns) {
  kernels::rows::table().add_column_sums(x, sums, rows, columns);
}

}  // namespace cornu::kernels

#endif  // CORNU_DOORS
