#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "cornu/core/kernels.hpp"
#include "cornu/core/kernels_reference.hpp"
#include "kernel_numbers.hpp"

using namespace cornu;

TEST_CASE("sums and maps along channels") {
  using kernels::Channels;
  const Channels examples[] = {{1, 1, 1},  {4, 16, 1},   {5, 3, 1},     {32, 70, 1}, {130, 128, 1},
                               {3, 4, 25}, {2, 100, 40}, {200, 500, 1}, {2, 7, 9000}};
  for (const Channels& channels : examples) {
    CAPTURE(channels.outer, channels.count, channels.inner);
    const std::size_t members = channels.outer * channels.inner, n = members * channels.count;
    std::vector<Scalar> x = random_values(n, 1, 12);
    for (Scalar& value : x) value += 3;
    const auto dy = random_values(n, 1, 13), a = random_values(channels.count, 1, 14),
               b = random_values(channels.count, 1, 15), c = random_values(channels.count, 1, 16);
    const auto near = [&](const std::vector<Scalar>& got, const std::vector<Scalar>& expected,
                          double sum_of_magnitudes) {
      for (std::size_t i = 0; i < got.size(); ++i)
        REQUIRE(std::abs(static_cast<double>(got[i]) - expected[i]) <=
                sum_of_magnitudes * 8 * epsilon);
    };
    std::vector<Scalar> means(channels.count), expected(channels.count);
    kernels::channel_means(x.data(), channels, means.data());
    kernels::reference::channel_means(x.data(), channels, expected.data());
    near(means, expected, 4 + 0.01 * static_cast<double>(members));

    std::vector<Scalar> variances(channels.count);
    kernels::channel_variances(x.data(), channels, means.data(), variances.data());
    kernels::reference::channel_variances(x.data(), channels, means.data(), expected.data());
    near(variances, expected, 4 + 0.01 * static_cast<double>(members));

    std::vector<Scalar> sums(channels.count), expected_sums(channels.count);
    kernels::channel_products(x.data(), dy.data(), channels, means.data(), variances.data(),
                              sums.data());
    kernels::reference::channel_products(x.data(), dy.data(), channels, means.data(),
                                         expected.data(), expected_sums.data());
    near(variances, expected, 4 + static_cast<double>(members));
    near(sums, expected_sums, 4 + static_cast<double>(members));

    std::vector<Scalar> y(n), expected_y(n);
    kernels::channel_scale(x.data(), channels, means.data(), a.data(), b.data(), y.data());
    kernels::reference::channel_scale(x.data(), channels, means.data(), a.data(), b.data(),
                                      expected_y.data());
    near(y, expected_y, 4);
    kernels::channel_combine(x.data(), dy.data(), channels, means.data(), a.data(), b.data(),
                             c.data(), y.data());
    kernels::reference::channel_combine(x.data(), dy.data(), channels, means.data(), a.data(),
                                        b.data(), c.data(), expected_y.data());
    near(y, expected_y, 4);
    std::vector<Scalar> in_place = dy;
    kernels::channel_combine(x.data(), in_place.data(), channels, means.data(), a.data(), b.data(),
                             c.data(), in_place.data());
    REQUIRE(in_place == y);

    std::fill(x.begin(), x.end(), Scalar(0.1));
    kernels::channel_means(x.data(), channels, means.data());
    for (const Scalar mean : means) REQUIRE(mean == Scalar(0.1));
  }
  kernels::channel_means(nullptr, {0, 3, 1}, nullptr);  // no members: nothing is touched
}
