#pragma once

// Not a public header.

#include <string>
#include <utility>
#include <vector>

#include "cornu/training/callbacks/callback.hpp"

namespace cornu::detail {

/// The table of built-in callbacks that a name and options are enough for: the class's name and how
/// to make and document it.
std::vector<std::pair<std::string, CallbackClass>> builtin_callbacks();

}  // namespace cornu::detail
