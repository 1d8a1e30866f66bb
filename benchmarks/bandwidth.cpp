// How near the loops over arrays in memory come to what the memory gives: bytes a second beside
// those of a copy and of a triad in the same run, as Markdown. One thread.

#include <cstdio>
#include <cstring>
#include <vector>

#include "cornu/core/random.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/kernels/normalization/normalization.hpp"
#include "cornu/kernels/optimizers/optimizers.hpp"
#include "cornu/kernels/rows/rows.hpp"
#include "timing.hpp"

namespace bench {
namespace {

using namespace cornu;

constexpr std::size_t n = std::size_t{16} << 20, columns = 1024;  // arrays of 64 MiB
constexpr kernels::Channels features{n / columns, columns, 1};    // of a matrix
constexpr kernels::Channels images{64, 64, n / 4096};             // of (N, C, H, W)

std::vector<Scalar> values(std::uint64_t seed) {
  std::vector<Scalar> result(n);
  RandomStream(seed, Purpose::user).fill_uniform(result, 0, 1);
  return result;
}

struct Pass {
  const char* name;
  int arrays;  ///< read or written, each once
  std::function<void()> body;
};

void run() {
  const std::vector<Scalar> a = values(1), b = values(2);
  std::vector<Scalar> c = values(3), d = values(4), e = values(5);
  std::vector<Scalar> row(4 * columns, Scalar(0.5));
  Scalar *const r0 = row.data(), *const r1 = r0 + columns, *const r2 = r1 + columns,
                *const r3 = r2 + columns;
  const Scalar *const x = a.data(), *const dy = b.data();
  Scalar *const y = c.data(), *const m = d.data(), *const v = e.data();
  std::vector<Pass> passes{{"copy (`memcpy`)", 2, [=] { std::memcpy(y, x, n * sizeof(Scalar)); }},
                           {"triad (y = a + s b)", 3,
                            [=] {
                              for (std::size_t i = 0; i < n; ++i) y[i] = x[i] + Scalar(0.5) * dy[i];
                            }},
                           {"relu", 2, [=] { kernels::relu(x, y, n); }},
                           {"relu, backward", 3, [=] { kernels::relu_backward(x, dy, y, n); }},
                           {"exp", 2, [=] { kernels::exp(x, y, n); }},
                           {"tanh", 2, [=] { kernels::tanh(x, y, n); }},
                           {"sigmoid", 2, [=] { kernels::sigmoid(x, y, n); }},
                           {"softmax", 2, [=] { kernels::softmax(x, y, n / columns, columns); }},
                           {"add", 3, [=] { kernels::add(x, dy, y, n); }},
                           {"add_scaled", 3, [=] { kernels::add_scaled(Scalar(0.5), x, y, n); }}};
  const auto normalization = [&](const char* const(&names)[5], const kernels::Channels& channels) {
    const kernels::Channels* const c_ = &channels;
    passes.push_back({names[0], 1, [=] { kernels::channel_means(x, *c_, r0); }});
    passes.push_back({names[1], 1, [=] { kernels::channel_variances(x, *c_, r0, r1); }});
    passes.push_back({names[2], 2, [=] { kernels::channel_scale(x, *c_, r0, r1, r2, y); }});
    passes.push_back({names[3], 2, [=] { kernels::channel_products(x, dy, *c_, r0, r2, r3); }});
    passes.push_back(
        {names[4], 3, [=] { kernels::channel_combine(x, dy, *c_, r0, r3, r1, r2, y); }});
  };
  normalization({"normalization of columns: means", "... variances", "... scale",
                 "... backward, sums", "... backward, dx"},
                features);
  normalization({"normalization of images: means", "... variances", "... scale",
                 "... backward, sums", "... backward, dx"},
                images);
  constexpr std::size_t rows = n / columns;
  std::vector<Scalar> statistics(2 * rows);
  Scalar *const means = statistics.data(), *const deviations = means + rows;
  passes.push_back({"normalization of rows", 2, [=] {
                      kernels::normalize_rows(x, rows, columns, r1, r2, Scalar(1e-6), means,
                                              deviations, y);
                    }});
  passes.push_back({"... backward", 3, [=] {
                      kernels::normalize_rows_backward(x, dy, rows, columns, r1, means, deviations,
                                                       Scalar(1e-6), r2, r3, y);
                    }});
  passes.push_back({"SGD with momentum", 5,
                    [=] { kernels::momentum_step(y, x, m, Scalar(0.9), Scalar(0.01), n); }});
  passes.push_back({"Adam", 7, [=] {
                      kernels::adam_step(y, x, m, v, 0.9, 0.999, 1, Scalar(0.001), Scalar(0.1), n);
                    }});

  constexpr int rounds = 7;
  std::vector<std::vector<double>> times(passes.size());
  for (int round = -1; round < rounds; ++round)
    for (std::size_t i = 0; i < passes.size(); ++i) {
      const double time = microseconds(passes[i].body);
      if (round >= 0) times[i].push_back(time);
    }
  const auto rate = [&](std::size_t i) {  // GB/s
    return static_cast<double>(passes[i].arrays) * n * sizeof(Scalar) / median(times[i]) / 1e3;
  };
  std::printf("| pass | arrays | GB/s | of copy's | of triad's |\n|---|---|---|---|---|\n");
  for (std::size_t i = 0; i < passes.size(); ++i)
    std::printf("| %s | %d | %.1f | %.2f | %.2f |\n", passes[i].name, passes[i].arrays, rate(i),
                rate(i) / rate(0), rate(i) / rate(1));
}

}  // namespace
}  // namespace bench

int main() {
  bench::set_threads_of_cornu(1);
  bench::run();
}
