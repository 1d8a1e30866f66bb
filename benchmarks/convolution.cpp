// Convolutional nets and one layer in Cornu: microseconds of the processor for a training step and
// for a prediction of one sample, one line a net, for scripts/bench_convolution to put beside
// PyTorch's (benchmarks/convolution_pytorch.py has the same nets).
//   convolution [THREADS]
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

/// Of this thread alone with one thread, so that other programs on the machine count little;
/// otherwise of the clock.
double now(std::size_t threads) {
  timespec time;
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

/// The median of nine turns of some 20 milliseconds.
double microseconds(std::size_t threads, const std::function<void()>& body) {
  body();
  double begin = now(threads);
  body();
  const int times = std::max(1, static_cast<int>(20000 / std::max(1.0, now(threads) - begin)));
  std::vector<double> turns;
  for (int turn = 0; turn < 9; ++turn) {
    begin = now(threads);
    for (int i = 0; i < times; ++i) body();
    turns.push_back((now(threads) - begin) / times);
  }
  std::nth_element(turns.begin(), turns.begin() + 4, turns.end());
  return turns[4];
}

Tensor numbers(const Shape& shape) {
  Tensor tensor(shape);
  unsigned state = 1;
  for (Scalar& number : tensor) {
    state = state * 1664525u + 1013904223u;
    number = static_cast<Scalar>(state >> 8) / 8388608 - 1;
  }
  return tensor;
}

void run(const char* name, Sequential& model, const Shape& sample, std::size_t batch,
         std::size_t classes, std::size_t threads) {
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  const Tensor x = numbers(sample.with_samples(batch)), one = numbers(sample.with_samples(1));
  Tensor y(Shape{batch, classes});
  for (std::size_t n = 0; n < batch; ++n) y(n, n % classes) = 1;
  const double step = microseconds(threads, [&] { model.train_on_batch(x, y); });
  const double prediction = microseconds(threads, [&] { model.predict_on_batch(one); });
  std::printf("%s %.1f %.1f\n", name, step, prediction);
  std::fflush(stdout);
}

void convolution(Sequential& model, std::size_t filters, std::size_t window, bool normalized,
                 const Shape& input = {}) {
  model.add<Convolution2D>({.nb_filter = filters,
                            .nb_row = window,
                            .nb_col = window,
                            .border_mode = normalized ? "same" : "valid",
                            .input_shape = input});
  if (normalized) model.add<BatchNormalization>({.axis = 1});
  model.add<Activation>({.activation = "relu"});
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t threads = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1;
  set_num_threads(threads);
  {
    Sequential digits;
    convolution(digits, 8, 3, false, {1, 8, 8});
    convolution(digits, 16, 3, false);
    digits.add<Flatten>();
    digits.add<Dense>({.output_dim = 10, .activation = "softmax"});
    run("digits", digits, {1, 8, 8}, 32, 10, threads);
  }
  {
    Sequential clothes;
    convolution(clothes, 8, 5, true, {1, 28, 28});
    clothes.add<MaxPooling2D>();
    convolution(clothes, 16, 5, true);
    clothes.add<MaxPooling2D>();
    clothes.add<Flatten>();
    clothes.add<Dense>({.output_dim = 64, .activation = "relu"});
    clothes.add<Dense>({.output_dim = 10, .activation = "softmax"});
    run("clothes", clothes, {1, 28, 28}, 32, 10, threads);
  }
  {
    Sequential colours;
    convolution(colours, 32, 3, true, {3, 32, 32});
    convolution(colours, 32, 3, true);
    colours.add<MaxPooling2D>();
    convolution(colours, 64, 3, true);
    convolution(colours, 64, 3, true);
    colours.add<MaxPooling2D>();
    colours.add<Flatten>();
    colours.add<Dense>({.output_dim = 256, .activation = "relu"});
    colours.add<Dense>({.output_dim = 10, .activation = "softmax"});
    run("colours", colours, {3, 32, 32}, 64, 10, threads);
  }
  {
    Sequential signal;
    signal.add<Convolution1D>(
        {.nb_filter = 16, .filter_length = 9, .activation = "relu", .input_shape = {1024, 1}});
    for (int i = 0; i < 2; ++i)
      signal.add<Convolution1D>(
          {.nb_filter = 32, .filter_length = 9, .activation = "relu", .subsample_length = 2});
    signal.add<GlobalAveragePooling1D>();
    signal.add<Dense>({.output_dim = 5, .activation = "softmax"});
    run("signal", signal, {1024, 1}, 16, 5, threads);
  }
  // One layer: 3 x 3, 64 to 64 channels, 32 x 32 places, 16 pictures; forward, and both gradients.
  for (const bool last : {false, true}) {
    kernels::Convolution layer{.channels = 64, .filters = 64, .channels_last = last};
    for (const std::size_t axis : {1u, 2u})
      layer.windows.axes[axis] = {.input = 32, .window = 3, .before = 1, .output = 32};
    const std::size_t samples = 16;
    const Tensor x = numbers(Shape{samples, 64, 1024}), W = numbers(Shape{64, 576});
    Tensor y(x.shape()), dx(x.shape()), dW(W.shape());
    const auto [shared, per_thread] = kernels::convolution_scratch(layer);
    Tensor scratch(Shape{shared + threads * per_thread});
    const double forward = microseconds(threads, [&] {
      kernels::convolve(layer, samples, x.data(), W.data(), nullptr, y.data(), scratch.data(),
                        scratch.size());
    });
    const double backward = microseconds(threads, [&] {
      kernels::convolve_backward_input(layer, samples, W.data(), x.data(), nullptr, dx.data(),
                                       scratch.data(), scratch.size());
      kernels::convolve_backward_filters(layer, samples, x.data(), y.data(), dW.data(),
                                         scratch.data(), scratch.size());
    });
    std::printf("%s %.1f %.1f\n", last ? "layer-last" : "layer-first", forward, backward);
  }
  // The floor: the bare matrix product of the same sizes.
  const Tensor a = numbers(Shape{64, 576}), b = numbers(Shape{576, 1024});
  Tensor c(Shape{64, 1024});
  std::printf("product %.1f 0\n", microseconds(threads, [&] {
                for (int n = 0; n < 16; ++n)
                  kernels::gemm(kernels::Transpose::no, kernels::Transpose::no, 64, 1024, 576, 1,
                                a.data(), 576, b.data(), 1024, 0, c.data(), 1024);
              }));
  return 0;
}
