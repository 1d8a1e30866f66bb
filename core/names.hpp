#pragma once

#include <cstddef>
#include <string_view>

#include "cornu/core/export.hpp"

namespace cornu::detail {

inline constexpr std::size_t longest_name = 256;

/// Whether a layer's or model's name is safe to print, to draw and to use within a path: 1 to 256
/// bytes of UTF-8 without control characters and line ends, without marks that turn the direction
/// of writing, without "\\" and "..", and not beginning with "/".
CORNU_API bool is_safe_name(std::string_view name) noexcept;
/// Throws ConfigError at `place` for a name that is not. `kind`: "layer".
CORNU_API void check_name(std::string_view name, std::string_view kind, std::string_view place);

}  // namespace cornu::detail
