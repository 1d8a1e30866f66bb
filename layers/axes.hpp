#pragma once

#include <initializer_list>
#include <vector>

namespace cornu {

/// An option that is one axis or several, `.axis = -1` or `.axis = {1, 2}`. That of the samples
/// counts as 0, negative ones count from the end.
class Axes : public std::vector<int> {
 public:
  Axes(int axis) : std::vector<int>{axis} {}                         // NOLINT
  Axes(std::initializer_list<int> axes) : std::vector<int>(axes) {}  // NOLINT
};

}  // namespace cornu
