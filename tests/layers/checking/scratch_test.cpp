// Scratch per thread: parts of the declared size, one for each thread that may work, apart from
// each other by whole cache lines.
#include <catch2/catch.hpp>
#include <cstdint>

#include "cornu/core/threads.hpp"
#include "cornu/layers/declarations.hpp"

using namespace cornu;

TEST_CASE("scratch per thread has a part for every thread, whatever the batch") {
  constexpr WorkspaceSlot columns{0, "columns"};
  constexpr std::size_t size = 5;
  set_num_threads(3);
  Declarations declared("layer_1 (Layer)");
  declared.scratch_per_thread(columns, size);
  set_num_threads(0);
  REQUIRE(declared.workspaces.size() == 1);
  CHECK(declared.workspaces[0].at(1) == declared.workspaces[0].at(100));

  AlignedArray memory(declared.workspaces[0].at(7));
  const ThreadScratch scratch(memory.array(), size);
  REQUIRE(scratch.threads() >= 3);
  for (std::size_t thread = 0; thread < scratch.threads(); ++thread) {
    const Array part = scratch.of(thread);
    CHECK(part.size() == size);
    CHECK(reinterpret_cast<std::uintptr_t>(part.data()) % AlignedArray::alignment == 0);
    for (Scalar& number : part) number += 1;
  }
  Scalar sum = 0;
  for (const Scalar number : memory.array()) sum += number;
  CHECK(sum == static_cast<Scalar>(size * scratch.threads()));  // no part lies over another
}
