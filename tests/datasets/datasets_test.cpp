// One-hot targets, rows and columns, shuffling and splitting.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "cornu/core/error.hpp"
#include "cornu/datasets/labels.hpp"
#include "cornu/datasets/rows.hpp"
#include "cornu/datasets/split.hpp"

using namespace cornu;

namespace {

/// (N, 2): the sample's number, and ten times that.
Tensor numbered(std::size_t count) {
  Tensor x(Shape{count, 2});
  for (std::size_t n = 0; n < count; ++n) {
    x(n, 0) = static_cast<Scalar>(n);
    x(n, 1) = static_cast<Scalar>(10 * n);
  }
  return x;
}

}  // namespace

TEST_CASE("to_categorical puts a 1 into the column of the class") {
  const Tensor targets = to_categorical(std::vector<std::size_t>{2, 0, 1});
  CHECK(targets.to_string() == "[[0, 0, 1],\n [1, 0, 0],\n [0, 1, 0]]");
  CHECK(to_categorical(std::vector<std::size_t>{0}, 3).shape() == Shape{1, 3});
  CHECK(to_categorical(Tensor{{1}, {0}}).to_string() == "[[0, 1],\n [1, 0]]");
  CHECK(to_categorical(Tensor(std::vector<int>{3})).shape() == Shape{1, 4});
  CHECK_THROWS_WITH(to_categorical(std::vector<std::size_t>{0, 5}, 3),
                    Catch::Contains("below 3, got 5 in sample 1"));
  CHECK_THROWS_WITH(to_categorical(Tensor{{0}, {1.5}}), Catch::Contains("1.5 in sample 1"));
  CHECK_THROWS_AS(to_categorical(Tensor{{-1}}), ConfigError);
  CHECK_THROWS_WITH(to_categorical(Tensor{{0, 1}}), Catch::Contains("targets already"));
}

TEST_CASE("to_classes is the way back") {
  const std::vector<std::size_t> classes = {2, 0, 1, 2};
  CHECK(to_classes(to_categorical(classes)) == classes);
  CHECK(to_classes(Tensor{{2}, {0}}) == std::vector<std::size_t>{2, 0});
  CHECK_THROWS_AS(to_classes(Tensor(Shape{2, 3, 4})), ShapeError);
}

TEST_CASE("rows and columns are picked by their numbers") {
  const Tensor x = numbered(4);
  CHECK(take_rows(x, {3, 1, 3}).to_string() == "[[ 3, 30],\n [ 1, 10],\n [ 3, 30]]");
  CHECK(take_columns(x, {1}).to_string() == "[[ 0],\n [10],\n [20],\n [30]]");
  CHECK(take_rows(Tensor(Shape{3, 2, 5}), {0}).shape() == Shape{1, 2, 5});
  CHECK(take_columns(Tensor(Shape{3, 2, 5}), {4, 0}).shape() == Shape{3, 2, 2});
  CHECK_THROWS_WITH(take_rows(x, {4}), Catch::Contains("below 4") && Catch::Contains("got 4"));
  CHECK_THROWS_AS(take_columns(x, {2}), ShapeError);
  CHECK_THROWS_AS(take_rows(Tensor(), {0}), ShapeError);
}

TEST_CASE("an order is drawn from the seed") {
  const std::vector<std::size_t> order = shuffled_order(100, 7);
  CHECK(order == shuffled_order(100, 7));
  CHECK(order != shuffled_order(100, 8));
  std::vector<std::size_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < 100; ++i) CHECK(sorted[i] == i);
}

TEST_CASE("a split parts samples with their targets, each into one set") {
  const Tensor x = numbered(10), y = x.columns(0, 1);
  const TrainTestSplit split = train_test_split(x, y, {.test_size = 0.3, .seed = 3});
  CHECK(split.x_train.shape() == Shape{7, 2});
  CHECK(split.y_test.shape() == Shape{3, 1});
  std::vector<std::size_t> all = split.train;
  all.insert(all.end(), split.test.begin(), split.test.end());
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(split.x_test(i, 0) == static_cast<Scalar>(split.test[i]));
    CHECK(split.y_test(i, 0) == split.x_test(i, 0));
  }
  CHECK(train_test_split(x, y, {.test_size = 0.3, .seed = 3}).test == split.test);
  CHECK(train_test_split(x, y, {.shuffle = false}).test == std::vector<std::size_t>{7, 8, 9});
  CHECK(train_test_split(x, y, {.test_size = 1e-9}).test.size() == 1);
  CHECK(train_test_split(x, y, {.test_size = 0.999}).train.size() == 1);
}

TEST_CASE("a stratified split keeps the classes' parts") {
  // 60 of class 0, 30 of class 1, 9 of class 2.
  std::vector<std::size_t> classes(99);
  for (std::size_t n = 0; n < 99; ++n) classes[n] = n < 60 ? 0 : n < 90 ? 1 : 2;
  const Tensor x = numbered(99), one_hot = to_categorical(classes);
  for (const std::uint64_t seed : {1, 2, 3}) {
    const TrainTestSplit split =
        train_test_split(x, one_hot, {.test_size = 1.0 / 3, .seed = seed, .stratify = true});
    std::map<std::size_t, int> held;
    for (const std::size_t c : to_classes(split.y_test)) ++held[c];
    CHECK((held[0] == 20 && held[1] == 10 && held[2] == 3));
  }
  // A quarter of 3 + 3 + 2 is two: the classes that lose most by rounding down give them.
  const Tensor few(std::vector<int>{0, 0, 0, 1, 1, 1, 2, 2});
  CHECK(train_test_split(few, few, {.stratify = true}).test.size() == 2);
  CHECK_THROWS_WITH(
      train_test_split(Tensor{{0}, {0}, {1}}, Tensor{{0}, {0}, {1}}, {.stratify = true}),
      Catch::Contains("class 1 has one sample only"));
}

TEST_CASE("a split refuses what it cannot part") {
  const Tensor x = numbered(4), y = numbered(3);
  CHECK_THROWS_AS(train_test_split(x, y), ShapeError);
  CHECK_THROWS_AS(train_test_split(numbered(1), numbered(1)), ShapeError);
  CHECK_THROWS_AS(train_test_split(Tensor(), Tensor()), ShapeError);
  for (const double size : {0.0, 1.0, -0.5, 2.0, std::nan("")})
    CHECK_THROWS_AS(train_test_split(x, x, {.test_size = size}), ConfigError);
  CHECK_THROWS_AS(train_test_split(x, x, {.shuffle = false, .stratify = true}), ConfigError);
}
