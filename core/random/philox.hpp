#pragma once

// Not a public header.

#include <cstddef>
#include <cstdint>

#include "cornu/core/export.hpp"

namespace cornu::detail {

/// out[4 b], ... out[4 b + 3] are Philox4x32-10 (`philox` in core/random.hpp) of the counter whose
/// first of four words is b greater, under the key's two words.
CORNU_API void philox_blocks(const std::uint32_t* counter, const std::uint32_t* key,
                             std::size_t blocks, std::uint32_t* out);

}  // namespace cornu::detail
