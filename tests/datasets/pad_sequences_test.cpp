#include "cornu/datasets/pad_sequences.hpp"

#include <catch2/catch.hpp>

#include "cornu/core/error.hpp"

using namespace cornu;

namespace {

std::vector<Scalar> numbers(const Tensor& tensor) { return {tensor.begin(), tensor.end()}; }

}  // namespace

TEST_CASE("sequences are filled up and cut as Keras does it") {
  const std::vector<std::vector<Scalar>> sequences{{1, 2, 3}, {4}, {}};
  const Tensor standard = pad_sequences(sequences);
  CHECK(standard.shape() == Shape{3, 3});
  CHECK(numbers(standard) == std::vector<Scalar>{1, 2, 3, 0, 0, 4, 0, 0, 0});
  CHECK(numbers(pad_sequences(sequences, {.padding = "post", .value = 9})) ==
        std::vector<Scalar>{1, 2, 3, 4, 9, 9, 9, 9, 9});
  CHECK(numbers(pad_sequences(sequences, {.maxlen = 2})) == std::vector<Scalar>{2, 3, 0, 4, 0, 0});
  CHECK(numbers(pad_sequences(sequences, {.maxlen = 2, .truncating = "post"})) ==
        std::vector<Scalar>{1, 2, 0, 4, 0, 0});
  CHECK(pad_sequences(sequences, {.maxlen = 5}).shape() == Shape{3, 5});
}

TEST_CASE("sequences of steps that are arrays are filled up alike") {
  const std::vector<Tensor> sequences{Tensor(Shape{2, 2}, {1, 2, 3, 4}),
                                      Tensor(Shape{1, 2}, {5, 6})};
  const Tensor padded = pad_sequences(sequences, {.value = -1});
  CHECK(padded.shape() == Shape{2, 2, 2});
  CHECK(numbers(padded) == std::vector<Scalar>{1, 2, 3, 4, -1, -1, 5, 6});
}

TEST_CASE("what cannot be filled up is refused in words") {
  using Catch::Contains;
  const std::vector<std::vector<Scalar>> none, empty{{}, {}}, one{{1}};
  CHECK_THROWS_WITH(pad_sequences(none), Contains("at least one sequence"));
  CHECK_THROWS_WITH(pad_sequences(empty), Contains("maxlen"));
  CHECK_THROWS_WITH(pad_sequences(one, {.padding = "before"}), Contains("'before'"));
  CHECK_THROWS_WITH(pad_sequences(one, {.truncating = "both"}), Contains("truncating"));
  CHECK_THROWS_AS(pad_sequences(std::vector<Tensor>{Tensor(Shape{1, 2}), Tensor(Shape{1, 3})}),
                  ShapeError);
}
