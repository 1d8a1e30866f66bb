// One-dimensional signals: tells four rhythms of a synthetic heartbeat apart, by filters that move
// along the time. Each sample is six seconds of an electrocardiogram at 64 numbers a second: the
// sum of five bumps for every beat (P, Q, R, S, T; McSharry et al., "A dynamical model for
// generating synthetic electrocardiogram signals", 2003), in noise and over a slow drift.
//   heartbeat [EPOCHS]
#include <cornu/cornu.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>
#include <string>
#include <vector>

using namespace cornu;

namespace {

constexpr std::size_t steps = 384, rate = 64, classes = 4;
const std::array<const char*, classes> names{"regular", "irregular", "early beats", "no P wave"};

/// A beat at time t = 0, in millivolts.
double beat(double t, bool with_p) {
  struct Bump {
    double height, at, width;
  };
  const Bump bumps[] = {{0.15, -0.20, 0.030},
                        {-0.1, -0.03, 0.012},
                        {1.2, 0, 0.014},
                        {-0.25, 0.03, 0.012},
                        {0.3, 0.25, 0.05}};
  double sum = 0;
  for (const Bump& bump : bumps)
    if (with_p || &bump != bumps)
      sum += bump.height * std::exp(-std::pow((t - bump.at) / bump.width, 2) / 2);
  return sum;
}

/// `samples` recordings (N, steps, 1), and their rhythms (N, classes).
void record(std::size_t samples, unsigned seed, Tensor& x, Tensor& y) {
  std::mt19937 engine(seed);
  const auto uniform = [&](double least, double most) {
    return least + (most - least) * static_cast<double>(engine()) / 4294967296.0;
  };
  x = Tensor(Shape{samples, steps, 1});
  y = Tensor(Shape{samples, classes});
  for (std::size_t n = 0; n < samples; ++n) {
    const std::size_t rhythm = engine() % classes;
    const double pause = uniform(0.65, 1.1), drift = uniform(0.05, 0.3), phase = uniform(0, 6.28);
    std::vector<double> beats;
    bool early = false;
    for (double t = uniform(-1, 0); t < 7;) {
      beats.push_back(t);
      double next = pause * uniform(0.97, 1.03);
      if (rhythm == 1) next = pause * uniform(0.6, 1.5);
      if (rhythm == 2) {
        if (early) next = pause * 1.4;  // the rest after a beat that came too early
        early = !early && uniform(0, 1) < 0.35;
        if (early) next = pause * 0.6;
      }
      t += next;
    }
    for (std::size_t i = 0; i < steps; ++i) {
      const double t = static_cast<double>(i) / rate;
      double value = drift * std::sin(1.2 * t + phase) + uniform(-0.08, 0.08);
      for (const double at : beats)
        if (std::abs(t - at) < 0.6) value += beat(t - at, rhythm != 3);
      x.array()[n * steps + i] = static_cast<Scalar>(value);
    }
    y(n, rhythm) = 1;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const std::size_t epochs = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 12;
  Tensor x, y, x_test, y_test;
  record(3000, 1, x, y);
  record(600, 2, x_test, y_test);

  set_seed(2016);
  Sequential model;
  model.add<Convolution1D>({.nb_filter = 16,
                            .filter_length = 9,
                            .init = "he_normal",
                            .border_mode = "same",
                            .subsample_length = 2,
                            .input_shape = {steps, 1}});
  model.add<BatchNormalization>();
  model.add<Activation>({.activation = "relu"});
  model.add<Convolution1D>({.nb_filter = 24,
                            .filter_length = 9,
                            .init = "he_normal",
                            .activation = "relu",
                            .border_mode = "same",
                            .subsample_length = 2});
  // A long view for few weights: taps eight steps apart, half a second.
  model.add<AtrousConvolution1D>({.nb_filter = 32,
                                  .filter_length = 7,
                                  .init = "he_normal",
                                  .activation = "relu",
                                  .border_mode = "same",
                                  .atrous_rate = 8});
  model.add<MaxPooling1D>({.pool_length = 4});
  model.add<Convolution1D>(
      {.nb_filter = 32, .filter_length = 5, .init = "he_normal", .activation = "relu"});
  model.add<GlobalAveragePooling1D>();
  model.add<Dense>({.output_dim = classes, .activation = "softmax"});
  model.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});

  model.fit(x, y, {.batch_size = 32, .nb_epoch = epochs, .verbose = 2});
  const Tensor guesses = model.predict(x_test);
  std::size_t right[classes] = {}, all[classes] = {};
  for (std::size_t n = 0; n < x_test.shape()[0]; ++n)
    for (std::size_t k = 0; k < classes; ++k)
      if (y_test(n, k) == 1) {
        std::size_t best = 0;
        for (std::size_t c = 1; c < classes; ++c)
          if (guesses(n, c) > guesses(n, best)) best = c;
        ++all[k];
        right[k] += best == k ? 1 : 0;
      }
  for (std::size_t k = 0; k < classes; ++k)
    std::printf("%-12s %zu of %zu recognized\n", names[k], right[k], all[k]);
  std::printf("test accuracy %.3f\n", model.evaluate(x_test, y_test)["acc"]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "heartbeat: %s\n", error.what());
  return 1;
}
