#pragma once

// Not a public header: the loops of core/random/loops.cpp.

#include <cstddef>
#include <cstdint>

#include "cornu/core/export.hpp"

namespace cornu::detail {

/// out[4 b], ... out[4 b + 3] are Philox4x32-10 (`philox` in core/random.hpp) of the counter whose
/// first of four words is b greater, under the key's two words.
CORNU_API void philox_blocks(const std::uint32_t* counter, const std::uint32_t* key,
                             std::size_t blocks, std::uint32_t* out);

/// Two standard normal numbers (Box and Muller) of each four words, the same bits on every machine.
CORNU_API void normal_pairs(const std::uint32_t* words, std::size_t pairs, double* out);

}  // namespace cornu::detail
