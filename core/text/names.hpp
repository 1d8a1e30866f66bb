#pragma once

#include <cstddef>
#include <string_view>

#include "cornu/core/export.hpp"

namespace cornu::detail {

/// In bytes, of a layer or model; of a weight, whose name is its layer's and what it is in it.
inline constexpr std::size_t longest_name = 128, longest_weight_name = 256;

/// Whether a name is safe to print, to draw and to use within a path: at least one and at most so
/// many bytes of UTF-8 without control characters and line ends, without marks that turn the
/// direction of writing, without "\\" and "..", and not beginning with "/".
CORNU_API bool is_safe_name(std::string_view name,
                            std::size_t longest = longest_weight_name) noexcept;
/// Throws ConfigError at `place` for a layer's or model's name that is not. `kind`: "layer".
CORNU_API void check_name(std::string_view name, std::string_view kind, std::string_view place);

}  // namespace cornu::detail
