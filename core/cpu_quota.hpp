#pragma once

// Not a public header.

#include <cstddef>
#include <string>

#include "cornu/core/export.hpp"

namespace cornu::detail {

/// How many cores' time Linux's control groups grant this process, rounded up; 0 when that is not
/// limited, or not known. A container with two cores' time on a large machine sees all its cores,
/// and threads for each of them would only stand in each other's way. `root` is where control
/// groups are mounted.
CORNU_API std::size_t cores_of_quota(const std::string& root = "/sys/fs/cgroup");

}  // namespace cornu::detail
