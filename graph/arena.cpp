#include "cornu/graph/arena.hpp"

#include <algorithm>
#include <numeric>

namespace cornu::detail {

std::size_t ArenaPlanner::add(std::size_t size, std::size_t first, std::size_t last) {
  blocks_.push_back({aligned_size(size), first, last, blocks_.size()});
  return blocks_.size() - 1;
}

std::size_t ArenaPlanner::root(std::size_t handle) const {
  while (blocks_[handle].same_as != handle) handle = blocks_[handle].same_as;
  return handle;
}

void ArenaPlanner::extend(std::size_t handle, std::size_t time) {
  Block& block = blocks_[root(handle)];
  block.first = std::min(block.first, time);
  block.last = std::max(block.last, time);
}

void ArenaPlanner::merge(std::size_t handle, std::size_t into) {
  if (sharing_ == Sharing::kept) return;
  const Block& block = blocks_[root(handle)];
  extend(into, block.first);
  extend(into, block.last);
  blocks_[root(handle)].same_as = root(into);
}

std::size_t ArenaPlanner::lowest_free(const Block& block,
                                      const std::vector<std::size_t>& placed) const {
  std::size_t offset = 0;
  // `placed` is sorted by offset, so one walk finds the first gap that is large enough.
  for (const std::size_t handle : placed) {
    const Block& other = blocks_[handle];
    if (sharing_ == Sharing::shared && (other.last < block.first || other.first > block.last))
      continue;
    if (offset + block.size <= other.offset) break;
    offset = std::max(offset, other.offset + other.size);
  }
  return offset;
}

std::size_t ArenaPlanner::place() {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    if (blocks_[i].same_as == i && blocks_[i].size != 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return blocks_[a].size > blocks_[b].size;
  });
  std::vector<std::size_t> placed;
  std::size_t arena = 0;
  for (const std::size_t handle : order) {
    Block& block = blocks_[handle];
    block.offset = lowest_free(block, placed);
    arena = std::max(arena, block.offset + block.size);
    const auto later = std::upper_bound(
        placed.begin(), placed.end(), block.offset,
        [this](std::size_t offset, std::size_t other) { return offset < blocks_[other].offset; });
    placed.insert(later, handle);
  }
  return arena;
}

Place ArenaPlanner::at(std::size_t handle) const {
  const Block& block = blocks_[root(handle)];
  return {block.offset, block.size};
}

std::size_t ArenaPlanner::unshared_size() const {
  return std::accumulate(blocks_.begin(), blocks_.end(), std::size_t{0},
                         [](std::size_t sum, const Block& block) { return sum + block.size; });
}

}  // namespace cornu::detail
