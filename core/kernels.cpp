#include "cornu/core/kernels.hpp"

#include <cstdlib>
#include <string_view>

#include "cornu/core/kernels_table.hpp"

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

const char* instruction_set() { return table().name; }

void relu(const Scalar* x, Scalar* y, std::size_t n) { table().relu(x, y, n); }
void relu_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().relu_backward(y, dy, dx, n);
}
void tanh(const Scalar* x, Scalar* y, std::size_t n) { table().tanh(x, y, n); }
void tanh_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().tanh_backward(y, dy, dx, n);
}
void sigmoid(const Scalar* x, Scalar* y, std::size_t n) { table().sigmoid(x, y, n); }
void sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().sigmoid_backward(y, dy, dx, n);
}
void hard_sigmoid(const Scalar* x, Scalar* y, std::size_t n) { table().hard_sigmoid(x, y, n); }
void hard_sigmoid_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().hard_sigmoid_backward(y, dy, dx, n);
}
void softplus(const Scalar* x, Scalar* y, std::size_t n) { table().softplus(x, y, n); }
void softplus_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().softplus_backward(y, dy, dx, n);
}
void softsign(const Scalar* x, Scalar* y, std::size_t n) { table().softsign(x, y, n); }
void softsign_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t n) {
  table().softsign_backward(y, dy, dx, n);
}
void exp(const Scalar* x, Scalar* y, std::size_t n) { table().exp(x, y, n); }
void softmax(const Scalar* x, Scalar* y, std::size_t rows, std::size_t columns) {
  table().softmax(x, y, rows, columns);
}
void softmax_backward(const Scalar* y, const Scalar* dy, Scalar* dx, std::size_t rows,
                      std::size_t columns) {
  table().softmax_backward(y, dy, dx, rows, columns);
}
void fill_rows(const Scalar* row, Scalar* y, std::size_t rows, std::size_t columns) {
  table().fill_rows(row, y, rows, columns);
}
void add_column_sums(const Scalar* x, Scalar* sums, std::size_t rows, std::size_t columns) {
  table().add_column_sums(x, sums, rows, columns);
}
void add_scaled(Scalar alpha, const Scalar* x, Scalar* y, std::size_t n) {
  table().add_scaled(alpha, x, y, n);
}
void add(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) { table().add(a, b, y, n); }
void multiply(const Scalar* a, const Scalar* b, Scalar* y, std::size_t n) {
  table().multiply(a, b, y, n);
}
double sum_of_squares(const Scalar* x, std::size_t n) { return table().sum_of_squares(x, n); }
bool all_finite(const Scalar* x, std::size_t n) { return table().all_finite(x, n); }

}  // namespace cornu::kernels
