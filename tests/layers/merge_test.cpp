// What each mode of Merge computes, by hand and against the naive sum; what it refuses.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "cornu/core/error.hpp"
#include "cornu/cornu.hpp"
#include "cornu/layers/checking/layer_probe.hpp"
#include "cornu/layers/layer_class.hpp"

using namespace cornu;
using Numbers = std::vector<double>;

namespace {

/// Runs a merge forward on these inputs, and backward from these dy.
struct Merged {
  Merged(MergeOptions options, const std::vector<Shape>& shapes, const std::vector<Numbers>& x,
         const Numbers& dy = {})
      : layer(std::move(options)), probe(layer, shapes), run(probe.start(samples(shapes, x))) {
    for (std::size_t i = 0; i < x.size(); ++i)
      for (std::size_t e = 0; e < x[i].size(); ++e)
        run.x[i].array()[e] = static_cast<Scalar>(x[i][e]);
    probe.forward(run, true);
    if (dy.empty()) return;
    REQUIRE(dy.size() == run.dy.array().size());
    for (std::size_t e = 0; e < dy.size(); ++e) run.dy.array()[e] = static_cast<Scalar>(dy[e]);
    probe.backward(run);
  }
  static std::size_t samples(const std::vector<Shape>& shapes, const std::vector<Numbers>& x) {
    return x[0].size() / shapes[0].size();
  }
  Numbers y() const { return {run.y.array().begin(), run.y.array().end()}; }
  Numbers dx(std::size_t i) const { return {run.dx[i].array().begin(), run.dx[i].array().end()}; }

  Merge layer;
  LayerProbe probe;
  LayerProbe::Run run;
};

Numbers drawn(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(-1, 1);
  Numbers numbers(count);
  for (double& number : numbers) number = uniform(random);
  return numbers;
}

void check_near(const Numbers& got, const Numbers& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == Approx(expected[i]).margin(1e-5));
}

}  // namespace

TEST_CASE("subtract: the first minus the second, and the gradient with the sign of either") {
  const Merged merged({.mode = "subtract"}, {{2}, {2}}, {{1, 2, 3, 4}, {5, 5, 1, 1}}, {1, 2, 3, 4});
  CHECK(merged.y() == Numbers{-4, -3, 2, 3});
  CHECK(merged.dx(0) == Numbers{1, 2, 3, 4});
  CHECK(merged.dx(1) == Numbers{-1, -2, -3, -4});
  CHECK_THROWS_WITH(Merged({.mode = "subtract"}, {{1}, {1}, {1}}, {{1}, {1}, {1}}),
                    Catch::Contains("'subtract' expects two inputs, got 3"));
}

TEST_CASE("minimum: the gradient goes to the smallest, of equal ones to the first") {
  const Merged merged({.mode = "minimum"}, {{3}, {3}, {3}}, {{1, 5, 2}, {4, 0, 2}, {3, 6, 1}},
                      {10, 20, 30});
  CHECK(merged.y() == Numbers{1, 0, 1});
  CHECK(merged.dx(0) == Numbers{10, 0, 0});
  CHECK(merged.dx(1) == Numbers{0, 20, 0});
  CHECK(merged.dx(2) == Numbers{0, 0, 30});
  const Merged equal({.mode = "minimum"}, {{1}, {1}}, {{7}, {7}}, {3});
  CHECK((equal.dx(0) == Numbers{3} && equal.dx(1) == Numbers{0}));
}

TEST_CASE("dot is the sum over one axis of either, whichever they are") {
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{4}, {4}}, {{3, 4}, {4}}, {{2, 3, 4}, {5, 4}}, {{4, 3}, {4, 2}}, {{2, 4, 3}, {2, 4, 5}}};
  for (const auto& [a_shape, b_shape] : shapes) {
    const auto axis_of_four = [](const Shape& shape) {
      return static_cast<int>(std::find(shape.begin(), shape.end(), 4u) - shape.begin()) + 1;
    };
    const std::vector<int> axes = {axis_of_four(a_shape), axis_of_four(b_shape)};
    INFO(a_shape.to_string() << " and " << b_shape.to_string());
    constexpr std::size_t N = 3, K = 4;
    const Numbers a = drawn(N * a_shape.size(), 1), b = drawn(N * b_shape.size(), 2);
    const std::size_t rows = a_shape.size() / K, columns = b_shape.size() / K;
    const Numbers dy = drawn(N * rows * columns, 3);
    const Merged merged({.mode = "dot", .dot_axes = axes}, {a_shape, b_shape}, {a, b}, dy);

    // Row r of an input without its axis of K, at place k of it.
    const auto place = [](const Shape& shape, int axis, std::size_t r, std::size_t k) {
      std::size_t inner = 1;
      for (std::size_t i = static_cast<std::size_t>(axis); i < shape.rank(); ++i) inner *= shape[i];
      return (r / inner * K + k) * inner + r % inner;
    };
    Numbers y(dy.size()), da(a.size()), db(b.size());
    for (std::size_t n = 0; n < N; ++n)
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t c = 0; c < columns; ++c)
          for (std::size_t k = 0; k < K; ++k) {
            const std::size_t i = n * a_shape.size() + place(a_shape, axes[0], r, k);
            const std::size_t j = n * b_shape.size() + place(b_shape, axes[1], c, k);
            const std::size_t at = (n * rows + r) * columns + c;
            y[at] += a[i] * b[j];
            da[i] += dy[at] * b[j];
            db[j] += dy[at] * a[i];
          }
    check_near(merged.y(), y);
    check_near(merged.dx(0), da);
    check_near(merged.dx(1), db);
  }
}

TEST_CASE("cos of equal, opposite and zero rows") {
  const Merged merged({.mode = "cos"}, {{2}, {2}}, {{3, 4, 1, 0, 0, 0}, {3, 4, -2, 0, 1, 1}});
  check_near(merged.y(), {1, -1, 0});
}

TEST_CASE("every mode comes back from its config") {
  for (const LayerExample& example : Merge::examples()) {
    const LayerPtr again = layer_from_json("Merge", example.layer->config(), "config");
    CHECK(again->config() == example.layer->config());
  }
  CHECK_THROWS_WITH(Merge({.mode = "substract"}), Catch::Contains("did you mean 'subtract'"));
}

namespace {

/// The joined mask of two inputs (N, 2, 1) and (N, 3 or 2, 1) whose masks are these.
Numbers joined(MergeOptions options, std::size_t steps, const std::vector<Numbers>& masks) {
  const Merge layer(std::move(options));
  LayerProbe probe(layer, {Shape{2, 1}, Shape{steps, 1}});
  LayerProbe::Run run = probe.start(masks[0].size() / 2);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t e = 0; e < masks[i].size(); ++e)
      run.masks[i].array()[e] = static_cast<Scalar>(masks[i][e]);
  probe.forward(run, true);
  return {run.mask.array().begin(), run.mask.array().end()};
}

}  // namespace

TEST_CASE("masks are joined, along time side by side") {
  for (const char* mode : {"sum", "mul", "ave", "max", "minimum", "subtract"})
    CHECK(joined({.mode = mode}, 2, {{1, 0, 1, 1}, {1, 1, 0, 1}}) == Numbers{1, 0, 0, 1});
  CHECK(joined({.mode = "concat"}, 2, {{1, 0, 1, 1}, {1, 1, 0, 1}}) == Numbers{1, 0, 0, 1});
  CHECK(joined({.mode = "concat", .concat_axis = 1}, 3, {{1, 0, 0, 1}, {1, 1, 0, 0, 1, 1}}) ==
        Numbers{1, 0, 1, 1, 0, 0, 1, 0, 1, 1});
}

TEST_CASE("a merge carries a mask where an input has one, unless it sums over time") {
  const Node a = input({2, 3}), b = input({2, 3});
  const Node masked = layer(Masking())(a);
  CHECK_FALSE(merge({a, b}).masked());
  CHECK(merge({masked, b}).masked());
  CHECK(merge({b, masked}, {.mode = "concat", .concat_axis = 1}).masked());
  CHECK_FALSE(merge({masked, b}, {.mode = "dot", .dot_axes = {1, 1}}).masked());
}

TEST_CASE("the loss sees the joined mask") {
  const Node a = input({2, 1}), b = input({2, 1});
  Model model({a, b}, {merge({layer(Masking())(a), b})});
  model.compile({.optimizer = "sgd", .loss = "mse"});
  // The second step of a is masked: only the first one's error of 2 counts.
  const Tensor x(Shape{1, 2, 1}, {1, 0}), other(Shape{1, 2, 1}, {1, 100}), zero(Shape{1, 2, 1});
  CHECK(model.test_on_batch({x, other}, zero)["loss"] == Approx(4));
}
