// Loops over whole arrays, compiled once for each instruction set (core/loops.hpp).

#include "cornu/kernels/elementwise/elementwise.hpp"

#include "cornu/core/loops.hpp"
#include "cornu/kernels/vectors/elementary.inc"
#include "cornu/kernels/vectors/maps.inc"

namespace cornu::kernels {

namespace elementwise {

/// The family's loops for one instruction set.
struct Table {
  using Map = decltype(&kernels::relu);
  using Map2 = decltype(&kernels::add);

  Map relu, tanh, sigmoid, hard_sigmoid, softplus, softsign, exp;
  Map2 relu_backward, tanh_backward, sigmoid_backward, hard_sigmoid_backward, softplus_backward,
      softsign_backward;
  Map2 add, multiply;
  decltype(&kernels::add_scaled) add_scaled;
  decltype(&kernels::sum_of_squares) sum_of_squares;
  decltype(&kernels::all_within) all_within;
};
extern const Table CORNU_INSTRUCTION_SETS;

}  // namespace elementwise

namespace loops {
namespace {

/// As `map` with functions of vectors, for what no compiler makes vectors of by itself.
template <class Function>
inline void map_vectors(const Scalar* x, Scalar* y, size_t n, Function function) {
  size_t i = 0;
  for (; i + vector_width <= n; i += vector_width) {
    prefetch(x + i);
    prefetch(y + i);
    store(y + i, function(load(x + i)));
  }
  const Part rest(n - i);
  rest.store(y + i, function(rest.load(x + i)));
}
template <class Function>
inline void map_vectors(const Scalar* a, const Scalar* b, Scalar* y, size_t n, Function function) {
  size_t i = 0;
  for (; i + vector_width <= n; i += vector_width) store(y + i, function(load(a + i), load(b + i)));
  const Part rest(n - i);
  rest.store(y + i, function(rest.load(a + i), rest.load(b + i)));
}

void relu(const Scalar* x, Scalar* y, size_t n) {
  map(x, y, n, [](Scalar v) { return select(v < 0, Scalar(0), v); });
}
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return select(v > 0, d, Scalar(0)); });
}

void tanh(const Scalar* x, Scalar* y, size_t n) { map_vectors(x, y, n, tanh_of); }
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) { return d * ((1 - v) * (1 + v)); });
}

void sigmoid(const Scalar* x, Scalar* y, size_t n) { map_vectors(x, y, n, sigmoid_of); }
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

void softplus(const Scalar* x, Scalar* y, size_t n) { map_vectors(x, y, n, softplus_of); }
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map_vectors(y, dy, dx, n,
              [](Vector v, Vector d) { return d * -expm1_between(at_least(-v, least_exponent)); });
}

void softsign(const Scalar* x, Scalar* y, size_t n) {
  map(x, y, n, [](Scalar v) {
    const Scalar magnitude = absolute(v);
    const Scalar inside = v / (1 + magnitude);
    return select(
        magnitude > static_cast<Scalar>(is_float ? 0x1.fffffep127 : 0x1.fffffffffffffp1023),
        with_sign_of(Scalar(1), v), inside);
  });
}
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, size_t n) {
  map(y, dy, dx, n, [](Scalar v, Scalar d) {
    const Scalar rest = 1 - absolute(v);
    return d * (rest * rest);
  });
}

void exp(const Scalar* x, Scalar* y, size_t n) { map_vectors(x, y, n, exp_of); }

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

bool all_within(const Scalar* x, size_t n, Scalar least, Scalar most) {
  Bits outside = 0;
#pragma omp simd reduction(| : outside)
  for (size_t i = 0; i < n; ++i) outside |= ((x[i] >= least) & (x[i] <= most)) ? 0 : 1;
  return outside == 0;
}

}  // namespace
}  // namespace loops

const elementwise::Table elementwise::CORNU_LOOPS = {
    .relu = loops::relu,
    .tanh = loops::tanh,
    .sigmoid = loops::sigmoid,
    .hard_sigmoid = loops::hard_sigmoid,
    .softplus = loops::softplus,
    .softsign = loops::softsign,
    .exp = loops::exp,
    .relu_backward = loops::relu_backward,
    .tanh_backward = loops::tanh_backward,
    .sigmoid_backward = loops::sigmoid_backward,
    .hard_sigmoid_backward = loops::hard_sigmoid_backward,
    .softplus_backward = loops::softplus_backward,
    .softsign_backward = loops::softsign_backward,
    .add = loops::add,
    .multiply = loops::multiply,
    .add_scaled = loops::add_scaled,
    .sum_of_squares = loops::sum_of_squares,
    .all_within = loops::all_within,
};

}  // namespace cornu::kernels

#if defined(CORNU_DOORS)

#include <limits>

#include "cornu/kernels/sharing.hpp"

namespace cornu::kernels {
namespace elementwise {
namespace {

const Table& table() {
  static const Table& chosen = cornu::detail::of_instruction_set(CORNU_INSTRUCTION_SETS);
  return chosen;
}

}  // namespace
}  // namespace elementwise

namespace {

using detail::share_numbers;

void map(elementwise::Table::Map kernel, const Scalar* x, Scalar* y, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) { kernel(x + i, y + i, count); });
}
void map(elementwise::Table::Map2 kernel, const Scalar* a, const Scalar* b, Scalar* y,
         std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) { kernel(a + i, b + i, y + i, count); });
}

}  // namespace

void relu(const Scalar* x, Scalar* y, std::size_t n) { map(elementwise::table().relu, x, y, n); }
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().relu_backward, y, dy, dx, n);
}
void tanh(const Scalar* x, Scalar* y, std::size_t n) { map(elementwise::table().tanh, x, y, n); }
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().tanh_backward, y, dy, dx, n);
}
void sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  map(elementwise::table().sigmoid, x, y, n);
}
void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().sigmoid_backward, y, dy, dx, n);
}
void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n) {
  map(elementwise::table().hard_sigmoid, x, y, n);
}
void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().hard_sigmoid_backward, y, dy, dx, n);
}
void softplus(const Scalar* x, Scalar* y, std::size_t n) {
  map(elementwise::table().softplus, x, y, n);
}
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().softplus_backward, y, dy, dx, n);
}
void softsign(const Scalar* x, Scalar* y, std::size_t n) {
  map(elementwise::table().softsign, x, y, n);
}
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(elementwise::table().softsign_backward, y, dy, dx, n);
}
void exp(const Scalar* x, Scalar* y, std::size_t n) { map(elementwise::table().exp, x, y, n); }
void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    elementwise::table().add_scaled(alpha, x + i, y + i, count);
  });
}
void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  map(elementwise::table().add, a, b, y, n);
}
void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  map(elementwise::table().multiply, a, b, y, n);
}
double sum_of_squares(const Scalar* x, std::size_t n) {
  return elementwise::table().sum_of_squares(x, n);
}
bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most) {
  return elementwise::table().all_within(x, n, least, most);
}
bool all_finite(const Scalar* x, std::size_t n) {
  using Limits = std::numeric_limits<Scalar>;
  return all_within(x, n, Limits::lowest(), Limits::max());
}

}  // namespace cornu::kernels

#endif  // CORNU_DOORS
