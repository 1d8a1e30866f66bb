// Single kernels beside their naive references: Google Benchmark, bytes and operations a second.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "cornu/core/instruction_set.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/threads.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/elementwise/reference.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/kernels/normalization/reference.hpp"
#include "cornu/kernels/products/products.hpp"
#include "cornu/kernels/products/reference.hpp"
#include "cornu/kernels/rows/reference.hpp"
#include "cornu/kernels/rows/rows.hpp"

namespace {

using namespace cornu;

std::vector<Scalar> values(std::size_t n, Scalar width = 1) {
  std::vector<Scalar> result(n);
  RandomStream(1, Purpose::user).fill_uniform(result, -width, width);
  return result;
}

using Map = void (*)(const Scalar*, Scalar*, std::size_t);

void map(benchmark::State& state, Map kernel) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const auto x = values(n, 20);
  std::vector<Scalar> y(n);
  for (auto _ : state) {
    kernel(x.data(), y.data(), n);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * state.range(0) * 2 * sizeof(Scalar));
}

/// In the first cache, in the second, in memory.
void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(4096)->Arg(131072)->Arg(16 << 20);
}

void copy(const Scalar* x, Scalar* y, std::size_t n) { std::copy_n(x, n, y); }

BENCHMARK_CAPTURE(map, copy, copy)->Apply(sizes);
BENCHMARK_CAPTURE(map, relu, kernels::relu)->Apply(sizes);
BENCHMARK_CAPTURE(map, relu_reference, kernels::reference::relu)->Arg(4096);
BENCHMARK_CAPTURE(map, exp, kernels::exp)->Apply(sizes);
BENCHMARK_CAPTURE(map, exp_reference, kernels::reference::exp)->Arg(4096);
BENCHMARK_CAPTURE(map, tanh, kernels::tanh)->Apply(sizes);
BENCHMARK_CAPTURE(map, tanh_reference, kernels::reference::tanh)->Arg(4096);
BENCHMARK_CAPTURE(map, sigmoid, kernels::sigmoid)->Apply(sizes);
BENCHMARK_CAPTURE(map, sigmoid_reference, kernels::reference::sigmoid)->Arg(4096);
BENCHMARK_CAPTURE(map, softplus, kernels::softplus)->Apply(sizes);

void softmax(benchmark::State& state) {
  const auto columns = static_cast<std::size_t>(state.range(0)), rows = 16384 / columns;
  const auto x = values(rows * columns, 20);
  std::vector<Scalar> y(x.size());
  for (auto _ : state) kernels::softmax(x.data(), y.data(), rows, columns);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(x.size()));
}
BENCHMARK(softmax)->Arg(10)->Arg(128)->Arg(1000);

/// The passes of BatchNormalization, forward and backward, over (rows, 1024).
void normalization(benchmark::State& state) {
  const kernels::Channels channels{static_cast<std::size_t>(state.range(0)), 1024, 1};
  const auto x = values(channels.outer * channels.count), dy = x;
  std::vector<Scalar> y(x.size()), a(1024), b(1024), c(1024), d(1024);
  for (auto _ : state) {
    kernels::channel_means(x.data(), channels, a.data());
    kernels::channel_variances(x.data(), channels, a.data(), b.data());
    kernels::channel_scale(x.data(), channels, a.data(), b.data(), c.data(), y.data());
    kernels::channel_products(x.data(), dy.data(), channels, a.data(), c.data(), d.data());
    kernels::channel_combine(x.data(), dy.data(), channels, a.data(), b.data(), c.data(), d.data(),
                             y.data());
  }
  // Read x; x; x, write y; read x, dy; read x, dy, write dx.
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(x.size()) * 9 *
                          static_cast<std::int64_t>(sizeof(Scalar)));
}
BENCHMARK(normalization)->Arg(32)->Arg(128)->Arg(16384);

void gemm(benchmark::State& state, kernels::Transpose ta, kernels::Transpose tb) {
  const auto m = static_cast<std::size_t>(state.range(0)),
             n = static_cast<std::size_t>(state.range(1)),
             k = static_cast<std::size_t>(state.range(2));
  const auto a = values(m * k), b = values(k * n);
  std::vector<Scalar> c(m * n);
  for (auto _ : state)
    kernels::gemm(ta, tb, m, n, k, 1, a.data(), ta == kernels::Transpose::yes ? m : k, b.data(),
                  tb == kernels::Transpose::yes ? k : n, 0, c.data(), n);
  state.counters["FLOP/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * 2 * static_cast<double>(m * n * k),
      benchmark::Counter::kIsRate);
}
void products(benchmark::internal::Benchmark* benchmark) {
  benchmark->Args({4, 16, 16})->Args({32, 64, 64})->Args({32, 128, 784})->Args({128, 1024, 1024});
  benchmark->Args({1, 128, 784})->Args({512, 512, 512});
}
constexpr auto no = kernels::Transpose::no, yes = kernels::Transpose::yes;
BENCHMARK_CAPTURE(gemm, forward, no, no)->Apply(products);
BENCHMARK_CAPTURE(gemm, weights, yes, no)->Apply(products);
BENCHMARK_CAPTURE(gemm, inputs, no, yes)->Apply(products);

}  // namespace

int main(int argc, char** argv) {
  set_num_threads(1);
  benchmark::Initialize(&argc, argv);
  benchmark::AddCustomContext("instruction_set", instruction_set());
  benchmark::AddCustomContext("openblas_core", kernels::openblas_core());
  benchmark::RunSpecifiedBenchmarks();
}
