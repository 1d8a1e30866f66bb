#pragma once

#include <cstddef>
#include <vector>

#include "cornu/graph/flat_graph.hpp"

namespace cornu {

/// What an execution is for.
enum class Phase {
  predict,  ///< forward only, as in the test phase
  train,    ///< forward in the training phase, backward for what is trained
};

/// Whether arrays share memory as soon as their lifetimes allow, or each keeps its own to the end
/// (for looking at a run afterwards, and for proving that sharing changes nothing).
enum class Sharing { shared, kept };

/// What training asks of an output node, besides its value.
struct OutputUse {
  /// Loss and the last activation are differentiated together: see Backward::before_activation.
  bool before_activation = false;
};

/// A place in the arena, in numbers; `size` 0 for nothing.
struct Place {
  std::size_t offset = 0, size = 0;
  explicit operator bool() const { return size != 0; }
};

/// Where everything of a run lies, for at most `capacity` samples: one arena in which arrays share
/// memory as soon as their lifetimes allow. Made once for a graph, capacity and phase.
///
/// Time runs through forward (node i at time i), the loss (time n, n the number of nodes) and
/// backward (node i at time 2n - i). An array is alive from its first writing to its last reading.
class CORNU_API Plan {
 public:
  struct NodePlan {
    Place y;   ///< empty for input nodes: the caller's array is read where it is
    Place dy;  ///< empty unless `backward`
    /// In the order of declaration.
    std::vector<Place> caches, forward_workspaces, backward_workspaces;
    Place mask;
    bool backward = false;           ///< a trained parameter lies here or below, and a loss above
    bool before_activation = false;  ///< see OutputUse
    /// For each input: nothing to do, write the gradient, or write beside it and add.
    enum class Pass { none, assign, add };
    std::vector<Pass> passes;
    std::vector<Place> beside;  ///< for Pass::add
  };

  /// `uses` has one entry an output when training, and is empty otherwise. Throws MemoryError when
  /// the arrays are larger than any machine's memory.
  Plan(const FlatGraph& graph, Phase phase, std::size_t capacity,
       const std::vector<OutputUse>& uses = {}, Sharing sharing = Sharing::shared);

  const std::vector<NodePlan>& nodes() const noexcept { return nodes_; }
  std::size_t capacity() const noexcept { return capacity_; }
  Phase phase() const noexcept { return phase_; }
  /// Numbers in the arena.
  std::size_t arena_size() const noexcept { return arena_size_; }
  /// Numbers that keeping every array for itself would take.
  std::size_t unshared_size() const noexcept { return unshared_size_; }

 private:
  std::size_t capacity_;
  Phase phase_;
  std::vector<NodePlan> nodes_;
  std::size_t arena_size_ = 0, unshared_size_ = 0;
};

/// Throws MemoryError naming the largest node of a graph whose run takes so many numbers.
[[noreturn]] void throw_run_too_large(const FlatGraph& graph, std::size_t capacity, double numbers);

}  // namespace cornu
