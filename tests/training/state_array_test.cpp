// Numbers in bulk of the states of metrics and callbacks.

#include "cornu/training/state_array.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "cornu/core/error.hpp"

using namespace cornu;

TEST_CASE("sums pass through an array exactly, in single precision too") {
  const std::vector<double> sums{0, 1, 16777217, 9007199254740991.0, 0.1, 1e-20, 3.0e38, 1.0 / 3};
  CHECK(detail::sums_from_tensor(detail::sums_to_tensor(sums), sums.size(), "f1") == sums);
}

TEST_CASE("an array that is no such sums is refused") {
  const Tensor sums = detail::sums_to_tensor(std::vector<double>{1, 2});
  CHECK_THROWS_AS(detail::sums_from_tensor(sums, 3, "f1"), FormatError);
  CHECK_THROWS_AS(
      detail::sums_from_tensor(detail::sums_to_tensor(std::vector<double>{-1}), 1, "f1"),
      FormatError);
  Tensor broken(Shape{1, 3});
  broken(0, 1) = std::numeric_limits<Scalar>::quiet_NaN();
  CHECK_THROWS_AS(detail::sums_from_tensor(broken, 1, "f1"), FormatError);
  CHECK_THROWS_AS(detail::find_state_array({{"counts", sums}}, "count", "f1"), FormatError);
}
