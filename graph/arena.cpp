#include "cornu/graph/arena.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>
#include <set>
#include <tuple>
#include <utility>

namespace cornu::detail {

std::size_t ArenaPlanner::add(std::size_t size, std::size_t first, std::size_t last) {
  blocks_.push_back({aligned_size(size), first, last, blocks_.size()});
  return blocks_.size() - 1;
}

std::size_t ArenaPlanner::root(std::size_t handle) const {
  while (blocks_[handle].same_as != handle) {
    std::size_t& next = blocks_[handle].same_as;
    next = blocks_[next].same_as;
    handle = next;
  }
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
    if (other.last < block.first || other.first > block.last) continue;
    if (offset + block.size <= other.offset) break;
    offset = std::max(offset, other.offset + other.size);
  }
  return offset;
}

std::size_t ArenaPlanner::place() {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    if (blocks_[i].same_as == i && blocks_[i].size != 0) order.push_back(i);
  if (sharing_ == Sharing::kept) {
    std::size_t arena = 0;
    for (const std::size_t handle : order) {
      blocks_[handle].offset = arena;
      arena += blocks_[handle].size;
    }
    return arena;
  }
  constexpr std::size_t few = 4096;
  return order.size() <= few ? place_by_size(std::move(order)) : place_in_time(std::move(order));
}

std::size_t ArenaPlanner::place_by_size(std::vector<std::size_t> order) {
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

namespace {

/// The free stretches of an arena that grows at its end.
class FreeStretches {
 public:
  /// The smallest stretch that is large enough, or new memory at the end.
  std::size_t take(std::size_t size) {
    const auto found = by_size_.lower_bound({size, 0});
    std::size_t offset = arena_, length = 0;
    if (found != by_size_.end()) {
      std::tie(length, offset) = *found;
      remove(offset, length);
    } else if (!by_offset_.empty()) {
      const auto [last, free] = *by_offset_.rbegin();
      if (last + free == arena_) remove(offset = last, length = free);
    }
    if (length > size) add(offset + size, length - size);
    arena_ = std::max(arena_, offset + size);
    return offset;
  }
  /// Joins what is given back with its free neighbours.
  void give(std::size_t offset, std::size_t size) {
    const auto after = by_offset_.lower_bound(offset);
    if (after != by_offset_.end() && after->first == offset + size) {
      const std::size_t length = after->second;
      remove(offset + size, length);
      size += length;
    }
    const auto before = by_offset_.lower_bound(offset);
    if (before != by_offset_.begin()) {
      const auto [start, length] = *std::prev(before);
      if (start + length == offset) {
        remove(start, length);
        offset = start;
        size += length;
      }
    }
    add(offset, size);
  }
  std::size_t arena() const { return arena_; }

 private:
  void add(std::size_t offset, std::size_t size) {
    by_offset_[offset] = size;
    by_size_.insert({size, offset});
  }
  void remove(std::size_t offset, std::size_t size) {
    by_offset_.erase(offset);
    by_size_.erase({size, offset});
  }

  std::map<std::size_t, std::size_t> by_offset_;
  std::set<std::pair<std::size_t, std::size_t>> by_size_;
  std::size_t arena_ = 0;
};

}  // namespace

/// Each array takes, when its life begins, the smallest stretch that is free then: n log n for n
/// arrays, and nearly as tight for a chain, whose lives lie within each other like brackets.
std::size_t ArenaPlanner::place_in_time(std::vector<std::size_t> order) {
  std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
    return blocks_[a].first < blocks_[b].first;
  });
  const auto ends_later = [this](std::size_t a, std::size_t b) {
    return blocks_[a].last > blocks_[b].last;
  };
  std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(ends_later)> alive(
      ends_later);
  FreeStretches free;
  for (const std::size_t handle : order) {
    for (; !alive.empty() && blocks_[alive.top()].last < blocks_[handle].first; alive.pop())
      free.give(blocks_[alive.top()].offset, blocks_[alive.top()].size);
    blocks_[handle].offset = free.take(blocks_[handle].size);
    alive.push(handle);
  }
  return free.arena();
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
