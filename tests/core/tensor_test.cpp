// Making, reading, cutting and printing tensors.
#include "cornu/core/tensor.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "cornu/core/error.hpp"

using namespace cornu;

namespace {

Tensor counting(const Shape& shape) {
  Tensor tensor(shape);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<Scalar>(i);
  return tensor;
}

}  // namespace

TEST_CASE("a tensor from its rows") {
  const Tensor matrix{{1, 2}, {3, 4}};
  CHECK(matrix.shape() == Shape{2, 2});
  CHECK((matrix(0, 0) == 1 && matrix(0, 1) == 2 && matrix(1, 0) == 3 && matrix(1, 1) == 4));
  const double half = 0.5;
  const Tensor column{{0}, {half}, {1}};
  CHECK((column.shape() == Shape{3, 1} && column(1, 0) == half));
  CHECK(Tensor{{1, 2, 3}}.shape() == Shape{1, 3});
  CHECK(Tensor{}.empty());
  CHECK_THROWS_WITH((Tensor{{1, 2}, {3}}),
                    Catch::Contains("rows of 2 numbers") && Catch::Contains("1 in row 1"));
  // Two arguments are a shape and its numbers, as ever.
  CHECK(Tensor(Shape{1, 2}, {3, 4}).shape() == Shape{1, 2});
  const std::vector<Scalar> values = {3, 4};
  CHECK(Tensor{Shape{1, 2}, values}.shape() == Shape{1, 2});
  CHECK(Tensor({2, 3}).shape() == Shape{2, 3});
}

TEST_CASE("a tensor from standard vectors of any numbers") {
  const Tensor numbers(std::vector<double>{1.5, 2, 2.5});
  CHECK((numbers.shape() == Shape{3} && numbers(0) == 1.5));
  CHECK(Tensor(std::vector<int>{1, 2}).shape() == Shape{2});
  CHECK(Tensor(std::vector<float>{1, 2}).shape() == Shape{2});
  CHECK(Tensor(Shape{2, 1}, std::vector<double>{1, 2}).shape() == Shape{2, 1});
  const Tensor rows(std::vector<std::vector<double>>{{1, 2, 3}, {4, 5, 6}});
  CHECK((rows.shape() == Shape{2, 3} && rows(1, 2) == 6));
  CHECK_THROWS_AS(Tensor(std::vector<std::vector<int>>{{1}, {2, 3}}), ShapeError);
  CHECK_THROWS_AS(Tensor(Shape{3}, std::vector<double>{1, 2}), ShapeError);
}

TEST_CASE("at checks the position") {
  Tensor x = counting({2, 3});
  x.at(1, 2) = 7;
  CHECK(static_cast<const Tensor&>(x).at(1, 2) == 7);
  CHECK_THROWS_WITH(x.at(2, 0), Catch::Contains("below 2 for axis 0 of (2, 3), got 2"));
  CHECK_THROWS_WITH(x.at(0, -1), Catch::Contains("below 3 for axis 1"));
  CHECK_THROWS_WITH(x.at(1), Catch::Contains("2 indices") && Catch::Contains("got 1"));
  CHECK_THROWS_AS(x.at(0, 0, 0), ShapeError);
}

TEST_CASE("rows and columns are cut out as copies") {
  const Tensor x = counting({4, 3});
  const Tensor rows = x.rows(1, 3), columns = x.columns(1, 3);
  CHECK((rows.shape() == Shape{2, 3} && rows(0, 0) == 3 && rows(1, 2) == 8));
  CHECK((columns.shape() == Shape{4, 2} && columns(0, 0) == 1 && columns(3, 1) == 11));
  const Tensor cube = counting({2, 3, 4});
  CHECK((cube.rows(1, 2).shape() == Shape{1, 3, 4} && cube.rows(1, 2)(0, 0, 0) == 12));
  CHECK((cube.columns(3, 4).shape() == Shape{2, 3, 1} && cube.columns(3, 4)(1, 2, 0) == 23));
  CHECK(counting({5}).rows(2, 4)(0) == 2);
  CHECK(x.rows(2, 2).empty());
  CHECK_THROWS_WITH(x.rows(3, 5), Catch::Contains("rows 3 to 5") && Catch::Contains("(4, 3)"));
  CHECK_THROWS_AS(x.rows(3, 2), ShapeError);
  CHECK_THROWS_AS(x.columns(0, 4), ShapeError);
  CHECK_THROWS_AS(Tensor().rows(0, 0), ShapeError);
}

TEST_CASE("a tensor prints as NumPy prints arrays") {
  CHECK(Tensor{{1, 2.5}, {-3, 4}}.to_string() == "[[  1, 2.5],\n [ -3,   4]]");
  CHECK(counting({3}).to_string() == "[0, 1, 2]");
  CHECK(counting({2, 1, 2}).to_string() == "[[[0, 1]],\n\n [[2, 3]]]");
  CHECK(Tensor().to_string() == "[]");
  CHECK(Tensor(Shape{1}, {Scalar(1.0 / 3)}).to_string() == "[0.333333]");
  CHECK(counting({2000}).to_string() == "[   0,    1,    2, ..., 1997, 1998, 1999]");
  CHECK(counting({501, 2}).to_string() ==
        "[[   0,    1],\n [   2,    3],\n [   4,    5],\n ...,\n [ 996,  997],\n [ 998,  999],\n "
        "[1000, 1001]]");
  std::ostringstream out;
  out << Tensor{{1}};
  CHECK(out.str() == "[[1]]");
}
