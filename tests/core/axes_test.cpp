// The one reading of axis numbers.
#include "cornu/core/axes.hpp"

#include <catch2/catch.hpp>

#include "cornu/core/error.hpp"

using namespace cornu;

TEST_CASE("an axis counts from the start, or from the end when it is negative") {
  CHECK(detail::resolve_axis(0, 3) == 0);
  CHECK(detail::resolve_axis(2, 3) == 2);
  CHECK(detail::resolve_axis(-1, 3) == 2);
  CHECK(detail::resolve_axis(-3, 3) == 0);
  for (const int axis : {3, -4, 100, -100}) CHECK_FALSE(detail::resolve_axis(axis, 3));
  CHECK_FALSE(detail::resolve_axis(0, 0));
}

TEST_CASE("an axis of a sample counts that of the samples as 0, which it cannot be") {
  CHECK(detail::sample_axis(1, {4, 5}, "here") == 0);
  CHECK(detail::sample_axis(-1, {4, 5}, "here") == 1);
  CHECK(detail::sample_axis(-2, {4, 5}, "here") == 0);
  for (const int axis : {0, -3, 3, -4})
    CHECK_THROWS_WITH(detail::sample_axis(axis, {4, 5}, "here", "dot_axes"),
                      Catch::StartsWith("[here] dot_axes expects an axis of (None, 4, 5)") &&
                          Catch::Contains("got " + std::to_string(axis)));
}

TEST_CASE("several axes make a set, each checked") {
  const std::vector<int> axes = {0, -1};
  CHECK(detail::axis_set(axes, {2, 3, 4}, "here") == detail::AxisSet(0b101));
  const std::vector<int> beyond = {2};
  CHECK_THROWS_AS(detail::axis_set(beyond, {2, 3}, "here"), ShapeError);
}

TEST_CASE("an array is seen from one of its axes") {
  const detail::AxisView view = detail::along(1, {2, 3, 4, 5});
  CHECK((view.outer == 2 && view.size == 3 && view.inner == 20));
}
