#pragma once

// Not a public header.

#include <string>
#include <string_view>
#include <vector>

namespace cornu::detail {

/// What another framework's name is called here, if it is among the `known` ones; "" otherwise.
/// `name` is in lower case, without underscores.
std::string name_from_elsewhere(std::string_view name, const std::vector<std::string>& known);

}  // namespace cornu::detail
