#pragma once

#include "cornu/core/export.hpp"

namespace cornu {

/// What Cornu's loops run on: "avx512", "avx2" or "portable", the widest that the processor has.
/// The environment variable CORNU_INSTRUCTION_SET, read once, asks for a lesser one: for tests, and
/// to get another machine's bits.
CORNU_API const char* instruction_set();

}  // namespace cornu
