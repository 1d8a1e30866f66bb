// Every kernel of kernels/windows/ against its naive twin, on windows that break wrong code.

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/threads.hpp"
#include "cornu/kernels/windows/reference.hpp"
#include "cornu/kernels/windows/windows.hpp"

using namespace cornu;
using namespace cornu::kernels;

namespace {

using Numbers = std::vector<Scalar>;

constexpr double tolerance = sizeof(Scalar) == 4 ? 2e-5 : 1e-13;

/// Small numbers of both signs that repeat late.
Numbers numbers(std::size_t count, unsigned seed) {
  Numbers result(count);
  for (Scalar& number : result) {
    seed = seed * 1664525u + 1013904223u;
    number = static_cast<Scalar>(static_cast<int>(seed >> 16 & 0xff) - 128) / 64;
  }
  return result;
}

double largest_difference(const Numbers& a, const Numbers& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])) /
                              std::max(1.0, std::abs(static_cast<double>(b[i])));
    if (!(difference <= largest)) largest = std::isnan(difference) ? HUGE_VAL : difference;
  }
  return largest;
}

/// "same" or "valid" along one axis.
WindowAxis axis(std::size_t input, std::size_t window, std::size_t stride, bool same,
                std::size_t spread = 1) {
  const std::size_t reach = (window - 1) * spread + 1;
  if (!same) return {input, window, stride, spread, 0, (input - reach) / stride + 1};
  const std::size_t output = (input + stride - 1) / stride;
  const std::size_t covered = (output - 1) * stride + reach;
  return {input, window, stride, spread, covered > input ? (covered - input) / 2 : 0, output};
}

std::vector<Windows> many_windows() {
  return {
      {{{}, {}, axis(1, 1, 1, false)}},
      {{{}, axis(8, 3, 1, true), axis(8, 3, 1, true)}},
      {{{}, axis(5, 2, 1, false), axis(37, 4, 1, false)}},
      {{{}, axis(9, 4, 2, true), axis(30, 3, 2, true)}},
      {{{}, axis(4, 1, 2, false), axis(11, 2, 3, false)}},  // strides that leave places out
      {{{}, axis(7, 3, 3, true), axis(19, 2, 5, true)}},
      {{{}, axis(1, 3, 1, true), axis(2, 5, 1, true)}},  // windows larger than the picture
      {{{}, axis(6, 3, 1, true, 2), axis(17, 3, 2, true, 3)}},
      {{{}, axis(7, 2, 2, false, 3), axis(12, 3, 1, false, 2)}},
      {{{}, {}, axis(100, 9, 2, true)}},
      {{axis(3, 2, 1, true), axis(4, 2, 2, true), axis(9, 3, 1, true)}},
      {{axis(4, 2, 2, false), axis(2, 1, 1, false), axis(5, 4, 1, false)}},
  };
}

std::string text(const Windows& windows) {
  std::string result;
  for (const WindowAxis& a : windows.axes)
    result += std::to_string(a.input) + " by " + std::to_string(a.window) + " stride " +
              std::to_string(a.stride) + " spread " + std::to_string(a.spread) + "; ";
  return result;
}

}  // namespace

TEST_CASE("Convolution and both gradients equal the reference", "[kernels][windows]") {
  unsigned seed = 1;
  for (const Windows& windows : many_windows())
    for (const bool last : {false, true})
      for (const auto& [channels, filters] :
           std::vector<std::array<std::size_t, 2>>{{1, 1}, {3, 2}, {2, 9}, {17, 33}})
        for (const std::size_t samples : {1u, 3u}) {
          const Convolution c{windows, channels, filters, last};
          INFO(text(windows) << channels << " channels, " << filters << " filters"
                             << (last ? ", channels last" : ""));
          const Numbers x = numbers(samples * windows.inputs() * channels, ++seed);
          const Numbers W = numbers(c.terms() * filters, ++seed), b = numbers(filters, ++seed);
          const std::size_t outputs = samples * windows.positions() * filters;
          const Numbers dy = numbers(outputs, ++seed);
          const auto [shared, per_thread] = convolution_scratch(c);
          Numbers scratch(shared + 2 * per_thread, std::numeric_limits<Scalar>::quiet_NaN());

          Numbers y(outputs, 77), expected(outputs);
          reference::convolve(c, samples, x.data(), W.data(), expected.data());
          convolve(c, samples, x.data(), W.data(), nullptr, y.data(), scratch.data(),
                   scratch.size());
          CHECK(largest_difference(y, expected) < tolerance);
          for (std::size_t i = 0; i < outputs; ++i)
            expected[i] += b[last ? i % filters : i / windows.positions() % filters];
          convolve(c, samples, x.data(), W.data(), b.data(), y.data(), scratch.data(),
                   scratch.size());
          CHECK(largest_difference(y, expected) < tolerance);

          Numbers dx(x.size(), 77), expected_dx(x.size());
          reference::convolve_backward_input(c, samples, W.data(), dy.data(), expected_dx.data());
          convolve_backward_input(c, samples, W.data(), dy.data(), nullptr, dx.data(),
                                  scratch.data(), scratch.size());
          CHECK(largest_difference(dx, expected_dx) < tolerance);
          const Numbers added = numbers(channels, ++seed);
          for (std::size_t i = 0; i < dx.size(); ++i)
            expected_dx[i] += added[last ? i % channels : i / windows.inputs() % channels];
          convolve_backward_input(c, samples, W.data(), dy.data(), added.data(), dx.data(),
                                  scratch.data(), scratch.size());
          CHECK(largest_difference(dx, expected_dx) < tolerance);

          Numbers dW = numbers(W.size(), ++seed), expected_dW = dW;
          reference::convolve_backward_filters(c, samples, x.data(), dy.data(), expected_dW.data());
          convolve_backward_filters(c, samples, x.data(), dy.data(), dW.data(), scratch.data(),
                                    scratch.size());
          CHECK(largest_difference(dW, expected_dW) < 8 * tolerance);

          Numbers db(filters, 1), expected_db(filters, 1);
          for (std::size_t i = 0; i < outputs; ++i)
            expected_db[last ? i % filters : i / windows.positions() % filters] += dy[i];
          add_channel_sums(dy.data(), samples, windows.positions(), filters, last, db.data());
          CHECK(largest_difference(db, expected_db) < 8 * tolerance);
        }
}

TEST_CASE("Threads share a convolution without changing what they compute", "[kernels][windows]") {
  const Windows windows{{{}, axis(32, 3, 1, true), axis(32, 3, 1, true)}};
  for (const bool last : {false, true}) {
    const Convolution c{windows, 16, 24, last};
    const std::size_t samples = 5, outputs = samples * windows.positions() * c.filters;
    const Numbers x = numbers(samples * windows.inputs() * c.channels, 5);
    const Numbers W = numbers(c.terms() * c.filters, 6), dy = numbers(outputs, 7);
    const auto [shared, per_thread] = convolution_scratch(c);
    const auto run = [&](std::size_t threads) {
      set_num_threads(threads);
      Numbers scratch(shared + threads * per_thread), y(outputs), dx(x.size()), dW(W.size());
      convolve(c, samples, x.data(), W.data(), nullptr, y.data(), scratch.data(), scratch.size());
      convolve_backward_input(c, samples, W.data(), dy.data(), nullptr, dx.data(), scratch.data(),
                              scratch.size());
      convolve_backward_filters(c, samples, x.data(), dy.data(), dW.data(), scratch.data(),
                                scratch.size());
      set_num_threads(0);
      return std::vector<Numbers>{y, dx, dW};
    };
    const std::vector<Numbers> one = run(1), three = run(3);
    CHECK(one[0] == three[0]);
    CHECK(one[1] == three[1]);
    CHECK(largest_difference(three[2], one[2]) < 32 * tolerance);
  }
}

TEST_CASE("Pooling equals the reference", "[kernels][windows]") {
  unsigned seed = 100;
  for (const Windows& windows : many_windows())
    for (const Planes& planes : {Planes{1, 1}, Planes{5, 1}, Planes{2, 3}, Planes{1, 19}}) {
      INFO(text(windows) << planes.outer << ", " << planes.inner);
      const std::size_t inputs = planes.outer * windows.inputs() * planes.inner;
      const std::size_t outputs = planes.outer * windows.positions() * planes.inner;
      const Numbers x = numbers(inputs, ++seed), dy = numbers(outputs, ++seed);

      Numbers y(outputs, 77), at(outputs, 77), expected(outputs), expected_at(outputs);
      reference::max_pool(windows, planes, x.data(), expected.data(), expected_at.data());
      max_pool(windows, planes, x.data(), y.data(), at.data());
      CHECK(y == expected);
      CHECK(at == expected_at);
      y.assign(outputs, 77);
      max_pool(windows, planes, x.data(), y.data(), nullptr);
      CHECK(y == expected);

      Numbers dx(inputs, 77), expected_dx(inputs);
      reference::max_pool_backward(windows, planes, at.data(), dy.data(), expected_dx.data());
      max_pool_backward(windows, planes, at.data(), dy.data(), dx.data());
      CHECK(largest_difference(dx, expected_dx) < tolerance);

      Numbers counts(outputs), shares(outputs);
      reference::count_under(windows, planes, counts.data());
      for (const bool mean : {false, true}) {
        std::fill(expected.begin(), expected.end(), Scalar{0});
        std::fill(expected_dx.begin(), expected_dx.end(), Scalar{0});
        reference::each_number(windows, planes,
                               [&](std::size_t of_x, std::size_t of_y, std::size_t) {
                                 expected[of_y] += x[of_x] / (mean ? counts[of_y] : 1);
                                 expected_dx[of_x] += dy[of_y] / (mean ? counts[of_y] : 1);
                               });
        sum_pool(windows, planes, mean, x.data(), y.data());
        CHECK(largest_difference(y, expected) < tolerance);
        sum_pool_backward(windows, planes, mean ? shares.data() : nullptr, dy.data(), dx.data());
        CHECK(largest_difference(dx, expected_dx) < tolerance);
      }
    }
}

TEST_CASE("NaN is the largest number under a window", "[kernels][windows]") {
  const Windows windows{{{}, {}, axis(6, 2, 2, false)}};
  const Scalar nan = std::numeric_limits<Scalar>::quiet_NaN();
  const Numbers x{1, nan, nan, 2, 3, 4};
  Numbers y(3), at(3);
  max_pool(windows, {1, 1}, x.data(), y.data(), at.data());
  CHECK(std::isnan(y[0]));
  CHECK(std::isnan(y[1]));
  CHECK(y[2] == 4);
  CHECK(at == Numbers{1, 0, 1});
}

TEST_CASE("Depthwise convolution and both gradients equal the reference", "[kernels][windows]") {
  unsigned seed = 200;
  for (const Windows& windows : many_windows())
    for (const bool last : {false, true})
      for (const auto& [channels, multiplier] :
           std::vector<std::array<std::size_t, 2>>{{1, 1}, {1, 3}, {11, 1}, {3, 2}}) {
        const DepthwiseConvolution c{windows, channels, multiplier, last};
        INFO(text(windows) << channels << " channels times " << multiplier
                           << (last ? ", channels last" : ""));
        const std::size_t samples = 2;
        const Numbers x = numbers(samples * windows.inputs() * channels, ++seed);
        const Numbers W = numbers(windows.taps() * channels * multiplier, ++seed);
        const std::size_t outputs = samples * windows.positions() * channels * multiplier;
        const Numbers dy = numbers(outputs, ++seed);

        Numbers y(outputs, 77), expected(outputs);
        reference::convolve(c, samples, x.data(), W.data(), expected.data());
        convolve_depthwise(c, samples, x.data(), W.data(), y.data());
        CHECK(largest_difference(y, expected) < tolerance);

        Numbers dx(x.size(), 77), expected_dx(x.size());
        reference::convolve_backward_input(c, samples, W.data(), dy.data(), expected_dx.data());
        convolve_depthwise_backward_input(c, samples, W.data(), dy.data(), dx.data());
        CHECK(largest_difference(dx, expected_dx) < tolerance);

        Numbers dW = numbers(W.size(), ++seed), expected_dW = dW;
        reference::convolve_backward_filters(c, samples, x.data(), dy.data(), expected_dW.data());
        convolve_depthwise_backward_filters(c, samples, x.data(), dy.data(), dW.data());
        CHECK(largest_difference(dW, expected_dW) < 8 * tolerance);
      }
}

TEST_CASE("Windows are gathered in the order of the filters' terms", "[kernels][windows]") {
  unsigned seed = 300;
  for (const bool last : {false, true}) {
    const Convolution c{{{{}, axis(5, 2, 2, false), axis(7, 3, 1, false)}}, 3, 1, last};
    const std::size_t samples = 3, inputs = c.windows.inputs() * c.channels, terms = c.terms();
    const Numbers x = numbers(samples * inputs, ++seed);
    for (std::size_t p = 0; p < c.windows.positions(); ++p) {
      Numbers seen(samples * terms), expected(samples * terms);
      for (std::size_t n = 0; n < samples; ++n)
        reference::each_product(c, [&](std::size_t of_x, std::size_t of_W, std::size_t of_y) {
          if (of_y == p) expected[n * terms + of_W] = x[n * inputs + of_x];
        });
      gather_windows(c, samples, p, x.data(), seen.data());
      CHECK(seen == expected);
      Numbers dx(x.size(), 1), expected_dx(x.size(), 1);
      for (std::size_t n = 0; n < samples; ++n)
        reference::each_product(c, [&](std::size_t of_x, std::size_t of_W, std::size_t of_y) {
          if (of_y == p) expected_dx[n * inputs + of_x] += seen[n * terms + of_W];
        });
      scatter_windows(c, samples, p, seen.data(), dx.data());
      CHECK(dx == expected_dx);
    }
  }
}
