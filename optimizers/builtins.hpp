#pragma once

// Not a public header.

#include <string>
#include <utility>
#include <vector>

#include "cornu/optimizers/optimizer.hpp"

namespace cornu::detail {

/// The table of built-in optimizers: the class's name and how to make and document it.
std::vector<std::pair<std::string, OptimizerClass>> builtin_optimizers();

}  // namespace cornu::detail
