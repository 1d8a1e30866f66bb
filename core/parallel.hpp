#pragma once

// Not a public header: how Cornu's loops share their work between threads.

#include <algorithm>
#include <cstddef>

#include "cornu/core/export.hpp"
#include "cornu/core/threads.hpp"

namespace cornu::detail {

/// Calls run(context, part) once for each part in [0, parts), some of them on other threads, and
/// returns when all are done. The calling thread takes parts too, so that nothing waits for a
/// thread that does not come. Which thread runs a part must not matter to the result. When another
/// thread of the program is inside this function, all parts run on the calling one. Allocates only
/// where threads are started.
CORNU_API void run_parts(std::size_t parts, void (*run)(const void* context, std::size_t part),
                         const void* context) noexcept;

/// The same for body(part), a function that does not throw.
template <class Body>
void parallel(std::size_t parts, const Body& body) {
  if (parts <= 1) {
    if (parts == 1) body(std::size_t{0});
    return;
  }
  run_parts(
      parts,
      [](const void* context, std::size_t part) { (*static_cast<const Body*>(context))(part); },
      &body);
}

/// How many parts to cut `work` into so that each is at least `least`, the work that is worth the
/// microsecond or two that sharing it costs; 1 when it does not pay.
inline std::size_t parts_of(std::size_t work, std::size_t least) {
  if (work < 2 * least) return 1;
  return std::min(num_threads(), work / least);
}

/// The part's share [first, last) of n things, its ends multiples of `unit` but for the last.
struct Share {
  std::size_t first, last;
};
inline Share share_of(std::size_t n, std::size_t unit, std::size_t part, std::size_t parts) {
  const std::size_t units = (n + unit - 1) / unit;
  return {std::min(n, units * part / parts * unit), std::min(n, units * (part + 1) / parts * unit)};
}

}  // namespace cornu::detail
