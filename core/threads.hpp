#pragma once

#include <cstddef>

#include "cornu/core/export.hpp"

namespace cornu {

/// How many threads one training step or prediction may use; 0 restores the default, which is the
/// number of cores that this process may use, of a container those whose time it is granted. Work
/// At most four times the cores of the machine: what is more is as much. Work
/// is split only where that pays, so more threads never make a small model slower. The results
/// depend on this number only in the last bits. A number beyond four times the cores, and beyond
/// 16, counts as the greater of these. Threads are made when they are first needed; a forked child
/// makes its own.
CORNU_API void set_num_threads(std::size_t threads);
CORNU_API std::size_t num_threads();

}  // namespace cornu
