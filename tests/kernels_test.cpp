#include "cornu/core/kernels.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/kernels_reference.hpp"
#include "cornu/core/random.hpp"

using namespace cornu;

namespace {

constexpr Scalar infinity = std::numeric_limits<Scalar>::infinity();
constexpr Scalar not_a_number = std::numeric_limits<Scalar>::quiet_NaN();
constexpr Scalar smallest = std::numeric_limits<Scalar>::denorm_min();
constexpr Scalar tiny = std::numeric_limits<Scalar>::min();
constexpr Scalar largest = std::numeric_limits<Scalar>::max();

constexpr Scalar epsilon = std::numeric_limits<Scalar>::epsilon();

using Map = void (*)(const Scalar*, Scalar*, std::size_t);
using Map2 = void (*)(const Scalar*, const Scalar*, Scalar*, std::size_t);

std::vector<Scalar> random_values(std::size_t n, Scalar width, std::uint64_t id) {
  std::vector<Scalar> values(n);
  RandomStream(1, Purpose::user, id).fill_uniform(values, -width, width);
  return values;
}

/// The distance of `got` from the exact value in units in the last place of the exact one.
double ulps(Scalar got, long double exact) {
  const Scalar rounded = static_cast<Scalar>(exact);
  if (std::isnan(rounded)) return std::isnan(got) ? 0 : 1e30;
  if (std::isinf(rounded) || std::isinf(got)) return got == rounded ? 0 : 1e30;
  const long double unit = std::max<long double>(
      std::nextafter(std::abs(rounded), infinity) - std::abs(rounded), smallest);
  return static_cast<double>(std::abs(got - exact) / unit);
}

/// Numbers of every magnitude and both signs, and all that is special.
std::vector<Scalar> sample() {
  std::vector<Scalar> x = {0, -Scalar(0), smallest, -smallest, tiny,     -tiny,     tiny / 2,
                           1, -1,         largest,  -largest,  infinity, -infinity, not_a_number};
  for (const Scalar width :
       {Scalar(1e-5), Scalar(0.1), Scalar(1), Scalar(20), Scalar(110), Scalar(800)})
    for (const Scalar value : random_values(20000, width, 1)) x.push_back(value);
  for (const Scalar exponent : random_values(20000, sizeof(Scalar) == 4 ? 37 : 300, 2))
    x.push_back(std::pow(Scalar(10), exponent));
  return x;
}

}  // namespace

TEST_CASE("kernels run on some instruction set") {
  const std::string name = kernels::instruction_set();
  CHECK((name == "portable" || name == "avx2" || name == "avx512"));
}

TEST_CASE("the elementary functions are accurate everywhere") {
  struct Function {
    const char* name;
    Map kernel;
    long double (*exact)(long double);
    double most_ulps;  // as core/kernels.hpp states
  };
  const Function functions[] = {
      {"exp", kernels::exp, [](long double x) { return std::exp(x); }, 1.1},
      {"tanh", kernels::tanh, [](long double x) { return std::tanh(x); }, 2.1},
      {"sigmoid", kernels::sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); }, 2.5},
      {"softplus", kernels::softplus,
       [](long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); }, 2.8},
      {"softsign", kernels::softsign,
       [](long double x) { return std::isinf(x) ? std::copysign(1.0L, x) : x / (1 + std::abs(x)); },
       1.5},
      {"relu", kernels::relu, [](long double x) { return x < 0 ? 0 : x; }, 0},
  };
  const std::vector<Scalar> x = sample();
  std::vector<Scalar> y(x.size());
  for (const Function& function : functions) {
    function.kernel(x.data(), y.data(), x.size());
    double worst = 0;
    Scalar at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      long double exact = function.exact(x[i]);
      if (std::isnan(x[i])) exact = not_a_number;
      if (const double error = ulps(y[i], exact); error > worst) worst = error, at = x[i];
    }
    CAPTURE(function.name, at);
    CHECK(worst <= function.most_ulps);
  }
}

TEST_CASE("odd functions keep the sign of zero") {
  const Scalar x[] = {0, -Scalar(0)};
  Scalar y[2];
  for (const Map function : {kernels::tanh, kernels::softsign}) {
    function(x, y, 2);
    CHECK_FALSE(std::signbit(y[0]));
    CHECK(std::signbit(y[1]));
  }
}

TEST_CASE("element-wise kernels equal their references at any length and alignment, and in place") {
  const std::pair<Map, Map> maps[] = {
      {kernels::relu, kernels::reference::relu},
      {kernels::tanh, kernels::reference::tanh},
      {kernels::sigmoid, kernels::reference::sigmoid},
      {kernels::hard_sigmoid, kernels::reference::hard_sigmoid},
      {kernels::softplus, kernels::reference::softplus},
      {kernels::softsign, kernels::reference::softsign},
      {kernels::exp, kernels::reference::exp},
  };
  std::vector<Scalar> x = random_values(200, 6, 3);
  x[5] = not_a_number;
  x[77] = infinity;
  x[78] = -infinity;
  x[40] = smallest;
  for (std::size_t map = 0; map < std::size(maps); ++map)
    for (const std::size_t n : {0, 1, 2, 7, 15, 16, 17, 31, 64, 100, 129})
      for (const std::size_t offset : {0, 1, 3}) {
        CAPTURE(map, n, offset);
        std::vector<Scalar> y(n + 1, 7), expected(n);
        maps[map].first(x.data() + offset, y.data(), n);
        maps[map].second(x.data() + offset, expected.data(), n);
        for (std::size_t i = 0; i < n; ++i)  // hard_sigmoid's 0.2 x + 0.5 cancels digits
          REQUIRE((ulps(y[i], expected[i]) <= 4 || std::abs(y[i] - expected[i]) <= epsilon));
        REQUIRE(y[n] == 7);
        std::vector<Scalar> in_place(x.begin(), x.end());
        maps[map].first(in_place.data() + offset, in_place.data() + offset, n);
        if (n != 0)
          REQUIRE(std::memcmp(in_place.data() + offset, y.data(), n * sizeof(Scalar)) == 0);
      }
}

TEST_CASE("the derivatives equal their references at any length and alignment, and in place") {
  const std::pair<Map2, Map2> maps[] = {
      {kernels::relu_backward, kernels::reference::relu_backward},
      {kernels::tanh_backward, kernels::reference::tanh_backward},
      {kernels::sigmoid_backward, kernels::reference::sigmoid_backward},
      {kernels::hard_sigmoid_backward, kernels::reference::hard_sigmoid_backward},
      {kernels::softplus_backward, kernels::reference::softplus_backward},
      {kernels::softsign_backward, kernels::reference::softsign_backward},
      {kernels::add, kernels::reference::add},
      {kernels::multiply, kernels::reference::multiply},
  };
  std::vector<Scalar> y = random_values(200, 1, 4), dy = random_values(200, 3, 5);
  for (std::size_t i = 0; i < 20; ++i) y[i] = Scalar(i % 5 == 0 ? 0 : i % 5 == 1 ? 1 : 1e-6);
  for (Scalar& value : y) value = std::abs(value);  // softplus's y is never negative
  dy[30] = not_a_number;
  dy[31] = infinity;
  for (std::size_t map = 0; map < std::size(maps); ++map)
    for (const std::size_t n : {0, 1, 2, 7, 15, 16, 17, 31, 64, 100, 129})
      for (const std::size_t offset : {0, 1, 3}) {
        CAPTURE(map, n, offset);
        std::vector<Scalar> dx(n + 1, 7), expected(n);
        maps[map].first(y.data() + offset, dy.data() + offset, dx.data(), n);
        maps[map].second(y.data() + offset, dy.data() + offset, expected.data(), n);
        for (std::size_t i = 0; i < n; ++i) REQUIRE(ulps(dx[i], expected[i]) <= 4);
        REQUIRE(dx[n] == 7);
        std::vector<Scalar> in_place = dy;
        maps[map].first(y.data() + offset, in_place.data() + offset, in_place.data() + offset, n);
        for (std::size_t i = 0; i < n; ++i)
          REQUIRE((in_place[offset + i] == dx[i] || std::isnan(dx[i])));
      }
}

TEST_CASE("softplus's derivative keeps its digits where it is small") {
  // softplus'(x) = sigmoid(x) is close to y itself for very negative x.
  for (const Scalar y : {Scalar(1e-3), Scalar(1e-6), Scalar(1e-20), smallest}) {
    const Scalar dy = 1;
    Scalar dx = 0;
    kernels::softplus_backward(&y, &dy, &dx, 1);
    CHECK(ulps(dx, -std::expm1(-static_cast<long double>(y))) <= 2);
  }
}

TEST_CASE("softmax and its derivative equal their references") {
  for (const std::size_t rows : {0, 1, 3, 128, 1025})
    for (const std::size_t columns : {1, 2, 10, 16, 33, 100, 3000}) {
      CAPTURE(rows, columns);
      const auto x = random_values(rows * columns, 10, 6), dy = random_values(rows * columns, 1, 7);
      std::vector<Scalar> y(x.size()), expected(x.size()), in_place = x;
      kernels::softmax(x.data(), y.data(), rows, columns);
      kernels::reference::softmax(x.data(), expected.data(), rows, columns);
      const double sum_error = 4 + std::sqrt(static_cast<double>(columns));
      for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(ulps(y[i], expected[i]) <= sum_error);
      kernels::softmax(in_place.data(), in_place.data(), rows, columns);
      REQUIRE(in_place == y);

      std::vector<Scalar> dx(x.size());
      in_place = dy;
      kernels::softmax_backward(y.data(), dy.data(), dx.data(), rows, columns);
      kernels::reference::softmax_backward(y.data(), dy.data(), expected.data(), rows, columns);
      for (std::size_t i = 0; i < x.size(); ++i)
        REQUIRE(dx[i] == Approx(expected[i]).margin(100 * std::numeric_limits<Scalar>::epsilon()));
      kernels::softmax_backward(y.data(), in_place.data(), in_place.data(), rows, columns);
      REQUIRE(in_place == dx);
    }
}

TEST_CASE("softmax at the ends") {
  std::vector<Scalar> x = {largest, 0, -largest, -infinity, 5, 5};
  kernels::softmax(x.data(), x.data(), 3, 2);
  CHECK(x == std::vector<Scalar>{1, 0, 1, 0, 0.5, 0.5});
  for (std::size_t at = 0; at < 40; ++at) {  // a NaN anywhere spoils its row, and only that
    std::vector<Scalar> y(80, 1);
    y[at] = not_a_number;
    kernels::softmax(y.data(), y.data(), 2, 40);
    for (std::size_t i = 0; i < 80; ++i) REQUIRE(std::isnan(y[i]) == (i < 40));
  }
  for (std::size_t at = 0; at < 400; ++at) {
    std::vector<Scalar> y(400, 1);
    y[at] = not_a_number;
    kernels::softmax(y.data(), y.data(), 40, 10);
    for (std::size_t i = 0; i < 400; ++i) REQUIRE(std::isnan(y[i]) == (i / 10 == at / 10));
  }
}

TEST_CASE("the softmax of a row is the same wherever it stands") {
  for (const std::size_t columns : {1, 2, 7, 10, 16, 17, 31, 32, 33}) {
    constexpr std::size_t rows = 37;
    const auto x = random_values(rows * columns, 10, 8);
    std::vector<Scalar> together(x.size()), alone(x.size());
    kernels::softmax(x.data(), together.data(), rows, columns);
    for (std::size_t i = 0; i < x.size(); i += columns)
      kernels::softmax(x.data() + i, alone.data() + i, 1, columns);
    REQUIRE(together == alone);
  }
}

TEST_CASE("argmax equals its reference") {
  for (const std::size_t columns : {1, 2, 3, 10, 15, 16, 17, 33, 100, 3000}) {
    CAPTURE(columns);
    constexpr std::size_t rows = 71;
    std::vector<Scalar> x = random_values(rows * columns, 2, 10);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (i % 3 != 0) x[i] = std::round(x[i]);  // so that many are equal
      if (i % 7 == 0) x[i] = i % 2 == 0 ? not_a_number : -infinity;
    }
    std::vector<std::size_t> at(rows), expected(rows);
    kernels::argmax(x.data(), rows, columns, at.data());
    kernels::reference::argmax(x.data(), rows, columns, expected.data());
    REQUIRE(at == expected);
    for (const std::size_t first : {std::size_t{0}, columns / 2, columns - 1}) {  // of several
      std::fill(x.begin(), x.end(), -infinity);
      for (std::size_t c = first; c < columns; ++c) x[c] = 3;
      kernels::argmax(x.data(), 1, columns, at.data());
      REQUIRE(at[0] == first);
      for (std::size_t c = 0; c < first; ++c) x[c] = not_a_number;
      kernels::argmax(x.data(), 1, columns, at.data());
      REQUIRE(at[0] == first);
    }
    for (const Scalar value : {-infinity, not_a_number}) {
      std::fill(x.begin(), x.end(), value);
      kernels::argmax(x.data(), 1, columns, at.data());
      REQUIRE(at[0] == 0);
    }
  }
}

TEST_CASE("categorical cross-entropy and its derivative through softmax equal their references") {
  constexpr auto least = static_cast<Scalar>(1e-7);
  for (const std::size_t rows : {0, 1, 3, 32})
    for (const std::size_t columns : {2, 10, 16, 17, 100, 1000}) {
      CAPTURE(rows, columns);
      std::vector<Scalar> p = random_values(rows * columns, 1, 11);
      std::vector<Scalar> t = random_values(rows * columns, 1, 12);
      for (Scalar& value : p) value = value < Scalar(-0.5) ? 0 : std::abs(value);  // some clipped
      for (Scalar& value : t) value = value < 0 ? 0 : value;
      std::vector<Scalar> scores(rows), expected(rows);
      kernels::categorical_crossentropy(t.data(), p.data(), rows, columns, least, scores.data());
      kernels::reference::categorical_crossentropy(t.data(), p.data(), rows, columns, least,
                                                   expected.data());
      for (std::size_t r = 0; r < rows; ++r)
        REQUIRE(scores[r] == Approx(expected[r]).epsilon(20 * epsilon).margin(epsilon));

      const std::vector<Scalar> weights = random_values(rows, 1, 13);
      std::vector<Scalar> dz(p.size()), expected_dz(p.size());
      kernels::softmax_crossentropy_backward(t.data(), p.data(), weights.data(), rows, columns,
                                             dz.data());
      kernels::reference::softmax_crossentropy_backward(t.data(), p.data(), weights.data(), rows,
                                                        columns, expected_dz.data());
      for (std::size_t i = 0; i < dz.size(); ++i)
        REQUIRE(dz[i] == Approx(expected_dz[i]).epsilon(200 * epsilon).margin(epsilon));
    }
}

TEST_CASE("categorical cross-entropy at the ends") {
  constexpr auto least = static_cast<Scalar>(1e-7);
  const Scalar t[] = {1, 0, 1, 0, 1, 0, 0, 0}, p[] = {0, 0, 1, 0, 0, not_a_number, 1, 1};
  Scalar scores[4];
  kernels::categorical_crossentropy(t, p, 4, 2, least, scores);
  CHECK(scores[0] == Approx(-std::log(least)));  // nothing to divide by
  CHECK(scores[1] == Approx(-std::log1p(-least)).epsilon(0.3));
  CHECK(std::isnan(scores[2]));  // even where t is 0: the row's sum is no number
  CHECK(scores[3] == 0);
  CHECK_FALSE(std::signbit(scores[3]));

  std::vector<Scalar> many_t, many_p, many_scores(400);
  for (int i = 0; i < 100; ++i) {
    many_t.insert(many_t.end(), t, t + 8);
    many_p.insert(many_p.end(), p, p + 8);
  }
  kernels::categorical_crossentropy(many_t.data(), many_p.data(), 400, 2, least,
                                    many_scores.data());
  for (std::size_t r = 0; r < 400; ++r) {
    if (r % 4 == 2)
      REQUIRE(std::isnan(many_scores[r]));
    else
      REQUIRE(many_scores[r] == scores[r % 4]);
    REQUIRE_FALSE(std::signbit(many_scores[r]));
  }
}

TEST_CASE("philox equals its reference") {
  const std::uint32_t counter[] = {0xfffffff0, 7, 0xdeadbeef, 0x03000001}, key[] = {0x12345678, 99};
  for (const std::size_t blocks : {0, 1, 3, 15, 16, 17, 100}) {  // past the first word's end, too
    std::vector<std::uint32_t> words(4 * blocks + 1, 42), expected = words;
    kernels::philox(counter, key, blocks, words.data());
    kernels::reference::philox(counter, key, blocks, expected.data());
    REQUIRE(words == expected);
  }
}

TEST_CASE("rows and columns") {
  for (const std::size_t rows : {0, 1, 2, 4, 5, 7, 130})
    for (const std::size_t columns : {0, 1, 2, 10, 16, 17, 64, 1000, 3000}) {
      CAPTURE(rows, columns);
      const auto row = random_values(columns, 1, 8);
      std::vector<Scalar> y(rows * columns + 1, 7), expected(rows * columns);
      kernels::fill_rows(row.data(), y.data(), rows, columns);
      kernels::reference::fill_rows(row.data(), expected.data(), rows, columns);
      REQUIRE(y.back() == 7);
      y.pop_back();
      REQUIRE(y == expected);

      const auto x = random_values(rows * columns, 1, 9);
      std::vector<Scalar> sums = row, expected_sums = row;
      kernels::add_column_sums(x.data(), sums.data(), rows, columns);
      kernels::reference::add_column_sums(x.data(), expected_sums.data(), rows, columns);
      for (std::size_t c = 0; c < columns; ++c)
        REQUIRE(sums[c] == Approx(expected_sums[c])
                               .margin(static_cast<double>(rows + 1) *
                                       std::numeric_limits<Scalar>::epsilon()));
    }
}

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

TEST_CASE("whole arrays") {
  const auto x = random_values(1000, 1, 10), y = random_values(1000, 1, 11);
  for (const std::size_t n : {0, 1, 15, 16, 33, 1000}) {
    CAPTURE(n);
    std::vector<Scalar> sum = y, expected = y;
    kernels::add_scaled(Scalar(-0.5), x.data(), sum.data(), n);
    kernels::reference::add_scaled(Scalar(-0.5), x.data(), expected.data(), n);
    for (std::size_t i = 0; i < y.size(); ++i)
      REQUIRE(sum[i] == Approx(expected[i]).margin(std::numeric_limits<Scalar>::epsilon()));
    CHECK(kernels::sum_of_squares(x.data(), n) ==
          Approx(kernels::reference::sum_of_squares(x.data(), n)).epsilon(1e-13));

    CHECK(kernels::all_finite(x.data(), n));
    CHECK(kernels::all_within(x.data(), n, -1, 1));
    for (const Scalar special : {infinity, -infinity, not_a_number, Scalar(1.5), Scalar(-1.5)})
      for (std::size_t at = 0; at < n; at += 7) {
        std::vector<Scalar> spoilt = x;
        spoilt[at] = special;
        REQUIRE(kernels::all_finite(spoilt.data(), n) == std::isfinite(special));
        for (const auto within : {kernels::all_within, kernels::reference::all_within}) {
          REQUIRE_FALSE(within(spoilt.data(), n, -1, 1));
          REQUIRE(within(spoilt.data(), n, -2, 2) == std::isfinite(special));
        }
      }
  }
  const Scalar extremes[] = {largest, -largest, smallest, 0};
  CHECK(kernels::all_finite(extremes, 4));
  CHECK(kernels::all_within(extremes, 4, -largest, largest));
  CHECK_FALSE(kernels::all_within(extremes, 4, smallest, largest));
  if (sizeof(Scalar) == 4) CHECK(kernels::sum_of_squares(extremes, 4) > 1e76);  // no float overflow
}

TEST_CASE("gathered rows are the rows") {
  for (const std::size_t columns : {1, 3, 64, 784, 3000}) {
    const std::size_t n = 50;
    const auto x = random_values(n * columns, 1, 21);
    std::vector<std::size_t> order(n);
    for (std::size_t r = 0; r < n; ++r) order[r] = (r * 37 + 11) % n;
    std::vector<Scalar> got(n * columns), expected(n * columns);
    for (std::size_t first = 0; first < n; first += 20) {
      const std::size_t rows = std::min<std::size_t>(20, n - first);
      const std::size_t* const some = order.data() + first;
      Scalar *const to = got.data() + first * columns, *const e = expected.data() + first * columns;
      kernels::gather_rows(x.data(), some, rows, columns, to);
      kernels::reference::gather_rows(x.data(), some, rows, columns, e);
    }
    CHECK(got == expected);
  }
}

TEST_CASE("the optimizers' steps equal their references") {
  namespace reference = kernels::reference;
  for (const std::size_t n : {0, 1, 15, 16, 33, 1000, 100000}) {
    CAPTURE(n);
    const auto g = random_values(n, 1, 17);
    const auto start = random_values(n, 1, 18);
    std::vector<Scalar> squares(n);
    for (std::size_t i = 0; i < n; ++i) squares[i] = start[i] * start[i];
    struct Arrays {
      std::vector<Scalar> p, m, v;
    };
    const Arrays before{start, start, squares};
    const auto same = [](const Arrays& a, const Arrays& b) {
      for (std::size_t i = 0; i < a.p.size(); ++i) {
        REQUIRE(std::abs(a.p[i] - b.p[i]) <= 8 * epsilon * (1 + std::abs(b.p[i])));
        REQUIRE(std::abs(a.m[i] - b.m[i]) <= 4 * epsilon);
        REQUIRE(std::abs(a.v[i] - b.v[i]) <= 4 * epsilon);
      }
    };
    const Scalar rate = Scalar(0.01), small = Scalar(0.1);
    Arrays got = before, expected = before;
    kernels::momentum_step(got.p.data(), g.data(), got.m.data(), Scalar(0.9), rate, n);
    reference::momentum_step(expected.p.data(), g.data(), expected.m.data(), Scalar(0.9), rate, n);
    same(got, expected);
    kernels::nesterov_step(got.p.data(), g.data(), got.m.data(), Scalar(0.9), rate, n);
    reference::nesterov_step(expected.p.data(), g.data(), expected.m.data(), Scalar(0.9), rate, n);
    same(got, expected);
    kernels::rmsprop_step(got.p.data(), g.data(), got.v.data(), 0.9, rate, small, n);
    reference::rmsprop_step(expected.p.data(), g.data(), expected.v.data(), 0.9, rate, small, n);
    same(got, expected);
    kernels::adagrad_step(got.p.data(), g.data(), got.v.data(), rate, small, n);
    reference::adagrad_step(expected.p.data(), g.data(), expected.v.data(), rate, small, n);
    same(got, expected);
    const auto both = [&](auto step, auto naive, auto... options) {
      got = expected = before;
      step(got.p.data(), g.data(), got.m.data(), got.v.data(), options..., rate, small, n);
      naive(expected.p.data(), g.data(), expected.m.data(), expected.v.data(), options..., rate,
            small, n);
      same(got, expected);
    };
    both(kernels::adam_step, reference::adam_step, 0.9, 0.999, Scalar(1));
    both(kernels::adam_step, reference::adam_step, 0.9, 0.999, Scalar(0.75));
    both(kernels::adamax_step, reference::adamax_step, 0.9, 0.999);
    const kernels::NadamFactors factors{0.9, 0.999, Scalar(0.4), Scalar(0.7), Scalar(1.5)};
    both(kernels::nadam_step, reference::nadam_step, factors);
    got.m = expected.m = squares;  // for mean squares of updates
    kernels::adadelta_step(got.p.data(), g.data(), got.v.data(), got.m.data(), 0.9, rate, small, n);
    reference::adadelta_step(expected.p.data(), g.data(), expected.v.data(), expected.m.data(), 0.9,
                             rate, small, n);
    same(got, expected);
  }
}

TEST_CASE("what an optimizer accumulated comes to zero without gradients, by no denormals") {
  const std::size_t n = 40;
  const std::vector<Scalar> g(n, 0);
  const Scalar least = std::numeric_limits<Scalar>::min(), rate = Scalar(0.01), small = Scalar(0.1);
  const auto settles = [&](auto step) {
    std::vector<Scalar> p(n, 1), first(n, 4 * least), second(n, 4 * least);
    for (int i = 0; i < 20; ++i) step(p.data(), first.data(), second.data());
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(first[i] == 0);
      REQUIRE(second[i] == 0);
    }
  };
  const kernels::NadamFactors factors{0.9, 0.5, 1, 1, 1};
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::momentum_step(p, g.data(), a, Scalar(0.9), rate, n);
    kernels::nesterov_step(p, g.data(), b, Scalar(0.9), rate, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::rmsprop_step(p, g.data(), a, 0.9, rate, small, n);
    kernels::reference::rmsprop_step(p, g.data(), b, 0.9, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adam_step(p, g.data(), a, b, 0.9, 0.5, 1, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adamax_step(p, g.data(), a, b, 0.9, 0.5, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::nadam_step(p, g.data(), a, b, factors, rate, small, n);
  });
  settles([&](Scalar* p, Scalar* a, Scalar* b) {
    kernels::adadelta_step(p, g.data(), a, b, 0.9, rate, small, n);
  });
}
