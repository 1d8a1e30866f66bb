#include <catch2/catch.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/shape.hpp"
#include "cornu/core/tensor.hpp"

using namespace cornu;

TEST_CASE("a shape knows its rank, size and text") {
  const Shape shape{32, 28, 28};
  CHECK(shape.rank() == 3);
  CHECK(shape.size() == 32 * 28 * 28);
  CHECK(shape.rows() == 32 * 28);
  CHECK(shape.to_string() == "(32, 28, 28)");
  CHECK(Shape{7}.to_string() == "(7,)");
  CHECK(Shape{}.to_string() == "()");
  CHECK(shape.without_samples().to_string_with_samples() == "(None, 28, 28)");
  CHECK(shape.without_samples().with_samples(32) == shape);
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{3, 0}.size() == 0);
  CHECK(Shape{3, 0}.rows() == 3);
}

TEST_CASE("a shape refuses nine axes and an overflowing product") {
  CHECK_THROWS_AS((Shape{1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
  CHECK_THROWS_AS((Shape{std::size_t{1} << 40, std::size_t{1} << 40}), ShapeError);
}

TEST_CASE("a tensor owns, copies and moves its numbers") {
  Tensor a(Shape{2, 3}, std::vector<Scalar>{1, 2, 3, 4, 5, 6});
  CHECK(reinterpret_cast<std::uintptr_t>(a.data()) % 64 == 0);
  CHECK(a(1, 2) == 6);
  Tensor b = a;
  b(0, 0) = 9;
  CHECK(a(0, 0) == 1);
  const Tensor c = std::move(b);
  CHECK(c(0, 0) == 9);
  CHECK(b.empty());  // NOLINT(bugprone-use-after-move)
  CHECK(b.shape().rank() == 0);
  CHECK(a.reshaped(Shape{3, 2})(2, 1) == 6);
  CHECK_THROWS_AS(a.reshaped(Shape{4, 2}), ShapeError);
  CHECK_THROWS_AS(Tensor(Shape{2, 2}, std::vector<Scalar>{1, 2, 3}), ShapeError);
  CHECK(Tensor().size() == 0);
}

TEST_CASE("an error's text has place, what and help") {
  const ShapeError error("dense_1 (Dense)", "expected 4, got 3", "look");
  CHECK(std::string(error.what()) == "[dense_1 (Dense)] expected 4, got 3; help: look");
  CHECK(error.place() == "dense_1 (Dense)");
}
