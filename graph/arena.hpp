#pragma once

// Not a public header.

#include <cstddef>
#include <vector>

#include "cornu/graph/plan.hpp"

namespace cornu::detail {

/// Arrays with lifetimes, to be placed in one arena.
class ArenaPlanner {
 public:
  explicit ArenaPlanner(Sharing sharing) : sharing_(sharing) {}

  /// An array of `size` numbers that is alive at the times `first` to `last`, both included.
  /// Answers its handle.
  std::size_t add(std::size_t size, std::size_t first, std::size_t last);
  /// Makes an array's life longer.
  void extend(std::size_t handle, std::size_t time);
  /// Two handles of the same size become one array that lives as long as both; no effect when
  /// arrays are kept.
  void merge(std::size_t handle, std::size_t into);

  /// Places every array so that no two that live at the same time overlap. Answers the size of the
  /// arena. Up to some thousand arrays: the largest first, each at the lowest free offset, which
  /// packs best and takes their number squared. More: in the order of time, see `place_in_time`.
  std::size_t place();
  Place at(std::size_t handle) const;
  /// The size of all arrays laid side by side, merged ones counted separately.
  std::size_t unshared_size() const;

 private:
  struct Block {
    std::size_t size, first, last;
    std::size_t same_as;  ///< itself, or the handle it was merged into
    std::size_t offset = 0;
  };
  /// Shortens the way to the root as it goes, so that long rows of merged arrays stay cheap.
  std::size_t root(std::size_t handle) const;
  std::size_t place_by_size(std::vector<std::size_t> order);
  std::size_t place_in_time(std::vector<std::size_t> order);
  std::size_t lowest_free(const Block& block, const std::vector<std::size_t>& placed) const;

  Sharing sharing_;
  mutable std::vector<Block> blocks_;
};

}  // namespace cornu::detail
