#include "cornu/kernels/kernels.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <string_view>

#include "cornu/core/parallel.hpp"
#include "cornu/kernels/kernels_table.hpp"

namespace cornu::kernels {
namespace detail {
namespace {

/// CORNU_INSTRUCTION_SET=portable or avx2 in the environment asks for less than the machine has:
/// for tests, and to get another machine's bits.
const Table& choose() {
#if defined(__x86_64__)
  const char* value = std::getenv("CORNU_INSTRUCTION_SET");
  const std::string_view most = value == nullptr ? "avx512" : value;
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool has_avx512 = has_avx2 && __builtin_cpu_supports("avx512f") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (has_avx512 && most != "avx2" && most != "portable") return avx512;
  if (has_avx2 && most != "portable") return avx2;
#endif
  return portable;
}

}  // namespace

const Table& table() {
  static const Table& chosen = choose();
  return chosen;
}

}  // namespace detail

using detail::table;

namespace {

/// The numbers that are worth a second thread: some 5 microseconds of a loop in the cache.
constexpr std::size_t least_numbers = 65536;
constexpr std::size_t line = 64 / sizeof(Scalar);

/// kernel(first, count) over shares of n numbers.
template <class Kernel>
void share_numbers(std::size_t n, const Kernel& kernel) {
  const std::size_t parts = cornu::detail::parts_of(n, least_numbers);
  if (parts == 1) return kernel(std::size_t{0}, n);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const auto [first, last] = cornu::detail::share_of(n, line, part, parts);
    kernel(first, last - first);
  });
}

void map(detail::Table::Map kernel, const Scalar* x, Scalar* y, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) { kernel(x + i, y + i, count); });
}
void map(detail::Table::Map2 kernel, const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) { kernel(a + i, b + i, y + i, count); });
}

/// kernel(first, last) over shares of the channels, which do not depend on each other.
template <class Kernel>
void share_channels(const Channels& channels, const Kernel& kernel) {
  const std::size_t n = channels.outer * channels.count * channels.inner;
  if (n == 0) return;
  const std::size_t parts = cornu::detail::parts_of(n, least_numbers);
  if (parts == 1) return kernel(std::size_t{0}, channels.count);
  cornu::detail::parallel(parts, [&](std::size_t part) {
    const std::size_t unit = channels.inner == 1 ? 4 * line : 1;
    const auto [first, last] = cornu::detail::share_of(channels.count, unit, part, parts);
    if (first != last) kernel(first, last);
  });
}

}  // namespace

const char* instruction_set() { return table().name; }

void relu(const Scalar* x, Scalar* y, std::size_t n) { map(table().relu, x, y, n); }
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().relu_backward, y, dy, dx, n);
}
void tanh(const Scalar* x, Scalar* y, std::size_t n) { map(table().tanh, x, y, n); }
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().tanh_backward, y, dy, dx, n);
}
void sigmoid(const Scalar* x, Scalar* y, std::size_t n) { map(table().sigmoid, x, y, n); }
void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().sigmoid_backward, y, dy, dx, n);
}
void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n) { map(table().hard_sigmoid, x, y, n); }
void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().hard_sigmoid_backward, y, dy, dx, n);
}
void softplus(const Scalar* x, Scalar* y, std::size_t n) { map(table().softplus, x, y, n); }
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().softplus_backward, y, dy, dx, n);
}
void softsign(const Scalar* x, Scalar* y, std::size_t n) { map(table().softsign, x, y, n); }
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  map(table().softsign_backward, y, dy, dx, n);
}
void exp(const Scalar* x, Scalar* y, std::size_t n) { map(table().exp, x, y, n); }
void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns) {
  table().softmax(x, y, rows, columns);
}
void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                      std::size_t columns) {
  table().softmax_backward(y, dy, dx, rows, columns);
}
void argmax(const Scalar* x, std::size_t rows, std::size_t columns, std::size_t* at) {
  table().argmax(x, rows, columns, at);
}
void categorical_crossentropy(const Scalar* t, const Scalar* p, std::size_t rows,
                              std::size_t columns, Scalar epsilon, Scalar* scores) {
  table().categorical_crossentropy(t, p, rows, columns, epsilon, scores);
}
void softmax_crossentropy_backward(const Scalar* t, const Scalar* p, const Scalar* weights,
                                   std::size_t rows, std::size_t columns, Scalar* dz) {
  table().softmax_crossentropy_backward(t, p, weights, rows, columns, dz);
}
void philox(const std::uint32_t* counter, const std::uint32_t* key, std::size_t blocks,
            std::uint32_t* out) {
  table().philox(counter, key, blocks, out);
}
void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns) {
  table().fill_rows(row, y, rows, columns);
}
void gather_rows(const Scalar* x, const std::size_t* order, std::size_t rows, std::size_t columns,
                 Scalar* y) {
  table().gather_rows(x, order, rows, columns, y);
}
void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows, std::size_t columns) {
  table().add_column_sums(x, sums, rows, columns);
}
void channel_means(const Scalar* x, const Channels& channels, Scalar* means) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    table().channel_means(x, channels, first, last, means);
  });
}
void channel_variances(const Scalar* x, const Channels& channels, const Scalar* means,
                       Scalar* variances) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    table().channel_variances(x, channels, first, last, means, variances);
  });
}
void channel_products(const Scalar* x, const Scalar* dy, const Channels& channels,
                      const Scalar* centres, Scalar* products, Scalar* sums) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    table().channel_products(x, dy, channels, first, last, centres, products, sums);
  });
}
void channel_scale(const Scalar* x, const Channels& channels, const Scalar* centres,
                   const Scalar* slopes, const Scalar* shifts, Scalar* y) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    table().channel_scale(x, channels, first, last, centres, slopes, shifts, y);
  });
}
void channel_combine(const Scalar* x, const Scalar* dy, const Channels& channels,
                     const Scalar* centres, const Scalar* dy_centres, const Scalar* a,
                     const Scalar* b, Scalar* dx) {
  share_channels(channels, [&](std::size_t first, std::size_t last) {
    table().channel_combine(x, dy, channels, first, last, centres, dy_centres, a, b, dx);
  });
}
void normalize_rows(const Scalar* x, std::size_t rows, std::size_t columns, const Scalar* gamma,
                    const Scalar* beta, Scalar epsilon, Scalar* means, Scalar* deviations,
                    Scalar* y) {
  share_channels({1, rows, columns}, [&](std::size_t first, std::size_t last) {
    table().normalize_rows(x, first, last, columns, gamma, beta, epsilon, means, deviations, y);
  });
}
void normalize_rows_backward(const Scalar* x, const Scalar* dy, std::size_t rows,
                             std::size_t columns, const Scalar* gamma, const Scalar* means,
                             const Scalar* deviations, Scalar epsilon, Scalar* dgamma,
                             Scalar* dbeta, Scalar* dx) {
  table().normalize_rows_backward(x, dy, rows, columns, gamma, means, deviations, epsilon, dgamma,
                                  dbeta, dx);
}
void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n) {
  share_numbers(
      n, [=](std::size_t i, std::size_t count) { table().add_scaled(alpha, x + i, y + i, count); });
}
void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  map(table().add, a, b, y, n);
}
void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  map(table().multiply, a, b, y, n);
}
void momentum_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                   std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().momentum_step(p + i, g + i, m + i, momentum, lr, count);
  });
}
void nesterov_step(Scalar* p, const Scalar* g, Scalar* m, Scalar momentum, Scalar lr,
                   std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().nesterov_step(p + i, g + i, m + i, momentum, lr, count);
  });
}
void adagrad_step(Scalar* p, const Scalar* g, Scalar* a, Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().adagrad_step(p + i, g + i, a + i, lr, epsilon, count);
  });
}
void rmsprop_step(Scalar* p, const Scalar* g, Scalar* a, double rho, Scalar lr, Scalar epsilon,
                  std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().rmsprop_step(p + i, g + i, a + i, rho, lr, epsilon, count);
  });
}
void adadelta_step(Scalar* p, const Scalar* g, Scalar* a, Scalar* d, double rho, Scalar lr,
                   Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().adadelta_step(p + i, g + i, a + i, d + i, rho, lr, epsilon, count);
  });
}
void adam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, double beta_1, double beta_2,
               Scalar kept, Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().adam_step(p + i, g + i, m + i, v + i, beta_1, beta_2, kept, lr, epsilon, count);
  });
}
void adamax_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* u, double beta_1, double beta_2,
                 Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().adamax_step(p + i, g + i, m + i, u + i, beta_1, beta_2, lr, epsilon, count);
  });
}
void nadam_step(Scalar* p, const Scalar* g, Scalar* m, Scalar* v, const NadamFactors& factors,
                Scalar lr, Scalar epsilon, std::size_t n) {
  share_numbers(n, [=](std::size_t i, std::size_t count) {
    table().nadam_step(p + i, g + i, m + i, v + i, factors, lr, epsilon, count);
  });
}
double sum_of_squares(const Scalar* x, std::size_t n) { return table().sum_of_squares(x, n); }
bool all_within(const Scalar* x, std::size_t n, Scalar least, Scalar most) {
  return table().all_within(x, n, least, most);
}
bool all_finite(const Scalar* x, std::size_t n) {
  using Limits = std::numeric_limits<Scalar>;
  return all_within(x, n, Limits::lowest(), Limits::max());
}

}  // namespace cornu::kernels
