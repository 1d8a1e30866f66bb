// Recurrent nets: a step of training and a step of a stream, in microseconds, and beside them the
// bare matrix products that they consist of.
//     cornu_bench_recurrent          one thread; benchmarks/recurrent_torch.py runs the same nets
#include <cornu/cornu.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <vector>

using namespace cornu;

namespace {

/// The shortest of several runs, in microseconds a call.
double microseconds(const std::function<void()>& call) {
  using Clock = std::chrono::steady_clock;
  const auto time = [&](std::size_t calls) {
    const auto begun = Clock::now();
    for (std::size_t i = 0; i < calls; ++i) call();
    return std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
  };
  call();
  std::size_t calls = 1;
  while (time(calls) < 30'000) calls *= 2;
  double best = time(calls);
  for (int run = 0; run < 5; ++run) best = std::min(best, time(calls));
  return best / static_cast<double>(calls);
}

struct Net {
  const char* name;
  std::function<void(Sequential&)> build;
  std::size_t batch, steps, inputs, units, gates, words, outputs;
  bool each_step;
};

/// The products of a step of training: x W, h U and the dense layer; each once forward, twice back.
double bare_training(const Net& net) {
  const std::size_t N = net.batch, T = net.steps, H = net.units, GH = net.gates * H, D = net.inputs,
                    M = net.outputs;
  AlignedArray a(N * T * std::max({D, GH, M})), b(std::max({D, GH, H}) * std::max(GH, M)),
      c(std::max(N * T * std::max({D, GH, M}), std::max({D, GH, H}) * std::max(GH, M)));
  const auto product = [&](kernels::Transpose ta, kernels::Transpose tb, std::size_t m,
                           std::size_t n, std::size_t k) {
    const bool at = ta == kernels::Transpose::yes, bt = tb == kernels::Transpose::yes;
    kernels::gemm(ta, tb, m, n, k, 1, a.data(), at ? m : k, b.data(), bt ? k : n, 0, c.data(), n);
  };
  using kernels::Transpose;
  const std::size_t dense = net.each_step ? N * T : N;
  return microseconds([&] {
    product(Transpose::no, Transpose::no, N * T, GH, D);
    product(Transpose::yes, Transpose::no, D, GH, N * T);
    if (net.words != 0) product(Transpose::no, Transpose::yes, N * T, D, GH);
    for (std::size_t t = 0; t < T; ++t) {
      product(Transpose::no, Transpose::no, N, GH, H);
      product(Transpose::no, Transpose::yes, N, H, GH);
    }
    product(Transpose::yes, Transpose::no, H, GH, N * T);
    product(Transpose::no, Transpose::no, dense, M, H);
    product(Transpose::yes, Transpose::no, H, M, dense);
    product(Transpose::no, Transpose::yes, dense, H, M);
  });
}

/// The matrix-vector products of one step of a stream.
double bare_stream(const Net& net) {
  const std::size_t H = net.units, GH = net.gates * H, D = net.inputs, M = net.outputs;
  AlignedArray x(std::max(D, H)), W(D * GH), U(H * GH), V(H * M), z(std::max(GH, M));
  return microseconds([&] {
    kernels::gemm(kernels::Transpose::no, kernels::Transpose::no, 1, GH, D, 1, x.data(), D,
                  W.data(), GH, 0, z.data(), GH);
    kernels::gemm(kernels::Transpose::no, kernels::Transpose::no, 1, GH, H, 1, x.data(), H,
                  U.data(), GH, 1, z.data(), GH);
    kernels::gemm(kernels::Transpose::no, kernels::Transpose::no, 1, M, H, 1, x.data(), H, V.data(),
                  M, 0, z.data(), M);
  });
}

void measure(const Net& net) {
  set_seed(1);
  Sequential model;
  net.build(model);
  model.compile({.optimizer = "adam", .loss = "mse"});
  RandomStream random(1, Purpose::user);
  Tensor x = net.words != 0 ? Tensor(Shape{net.batch, net.steps})
                            : Tensor(Shape{net.batch, net.steps, net.inputs});
  if (net.words != 0)
    for (Scalar& word : x) word = static_cast<Scalar>(random.below(net.words));
  else
    random.fill_uniform(x.array(), -1, 1);
  Tensor y(net.each_step ? Shape{net.batch, net.steps, net.outputs}
                         : Shape{net.batch, net.outputs});
  random.fill_uniform(y.array(), -1, 1);
  const double step = microseconds([&] { model.train_on_batch(x, y); });

  Stream stream(model);
  Tensor in(stream.input_shapes()[0]), out(stream.output_shapes()[0]);
  const double listened = microseconds([&] { stream.step(in, out); });
  std::printf("%-44s %10.1f %8.2f %9.3f %8.2f\n", net.name, step, step / bare_training(net),
              listened, listened / bare_stream(net));
}

}  // namespace

int main() {
  set_num_threads(1);
  std::printf("%-44s %10s %8s %9s %8s\n", "net, batch; microseconds", "training", "/ bare",
              "stream", "/ bare");
  measure({"GRU 16 on (20, 1), dense 1 at each step; 8",
           [](Sequential& model) {
             model.add<GRU>({.output_dim = 16, .return_sequences = true, .input_shape = {20, 1}});
             model.add<TimeDistributedDense>({.output_dim = 1});
           },
           8, 20, 1, 16, 3, 0, 1, true});
  measure({"LSTM 32 on (50, 8), dense 4; 32",
           [](Sequential& model) {
             model.add<LSTM>({.output_dim = 32, .input_shape = {50, 8}});
             model.add<Dense>({.output_dim = 4});
           },
           32, 50, 8, 32, 4, 0, 4, false});
  measure({"Embedding 5000x64, LSTM 128 on 80, dense 1; 32",
           [](Sequential& model) {
             model.add<Embedding>({.input_dim = 5000, .output_dim = 64, .input_length = 80});
             model.add<LSTM>({.output_dim = 128});
             model.add<Dense>({.output_dim = 1});
           },
           32, 80, 64, 128, 4, 5000, 1, false});
  measure(
      {"LSTM 256 on (100, 64), dense 1 at each step; 64",
       [](Sequential& model) {
         model.add<LSTM>({.output_dim = 256, .return_sequences = true, .input_shape = {100, 64}});
         model.add<TimeDistributedDense>({.output_dim = 1});
       },
       64, 100, 64, 256, 4, 0, 1, true});
}
