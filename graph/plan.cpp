#include "cornu/graph/plan.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/graph/arena.hpp"

namespace cornu {
namespace {

constexpr std::size_t none = FlatNode::none;

class Planner {
 public:
  Planner(const FlatGraph& graph, Phase phase, std::size_t capacity,
          const std::vector<OutputUse>& uses, Sharing sharing, std::vector<Plan::NodePlan>& plans)
      : graph_(graph),
        nodes_(graph.nodes),
        training_(phase == Phase::train),
        capacity_(capacity),
        loss_(nodes_.size()),
        plans_(plans),
        arena_(sharing),
        y_(nodes_.size(), none),
        dy_(nodes_.size(), none),
        consumers_(nodes_.size()),
        is_output_(nodes_.size(), false) {
    plans_.resize(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      for (const std::size_t input : nodes_[i].inputs) consumers_[input].push_back(i);
    for (const std::size_t output : graph_.outputs) is_output_[output] = true;
    if (!training_) return;
    for (std::size_t o = 0; o < uses.size(); ++o)
      if (uses[o].before_activation) plans_[graph_.outputs[o]].before_activation = true;
    mark_backward();
  }

  void plan_forward() {
    find_mask_ends();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const FlatNode& node = nodes_[i];
      if (node.mask == i)
        masks_.push_back({i, arena_.add(capacity_ * node.shape[0], i, mask_ends_[i])});
      if (node.is_input()) continue;
      y_[i] = arena_.add(capacity_ * node.shape.size(), i, last_reading(i));
      if (can_overwrite(i)) arena_.merge(y_[i], y_[node.inputs[0]]);
      for (const DeclaredScratch& scratch : node.caches)
        caches_.push_back({i, place_of_cache(i, scratch)});
      for (const DeclaredScratch& scratch : node.workspaces)
        workspaces_.push_back({i, arena_.add(scratch.at(capacity_), i, i)});
    }
  }

  void plan_backward() {
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      if (!plans_[i].backward) continue;
      const FlatNode& node = nodes_[i];
      const std::size_t now = backward_time(i);
      if (dy_[i] == none)  // an output: written by the loss
        dy_[i] = arena_.add(capacity_ * node.shape.size(), loss_, now);
      arena_.extend(dy_[i], now);
      for (const DeclaredScratch& scratch : node.workspaces)
        backward_workspaces_.push_back({i, arena_.add(scratch.at(capacity_), now, now)});
      for (const std::size_t input : node.inputs) pass_gradient(i, input, now);
    }
  }

  std::size_t place(std::size_t& unshared) {
    const std::size_t size = arena_.place();
    unshared = arena_.unshared_size();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (y_[i] != none) plans_[i].y = arena_.at(y_[i]);
      if (dy_[i] != none) plans_[i].dy = arena_.at(dy_[i]);
    }
    const auto at = [this](std::size_t handle) {
      return handle == none ? Place{} : arena_.at(handle);
    };
    for (const auto& [i, handle] : masks_) plans_[i].mask = at(handle);
    for (const auto& [i, handle] : caches_) plans_[i].caches.push_back(at(handle));
    for (const auto& [i, handle] : workspaces_) plans_[i].forward_workspaces.push_back(at(handle));
    for (const auto& [i, handle] : backward_workspaces_)
      plans_[i].backward_workspaces.push_back(at(handle));
    for (const auto& [i, handle] : beside_) plans_[i].beside.push_back(at(handle));
    return size;
  }

 private:
  struct Handle {
    std::size_t node, handle;
  };

  std::size_t backward_time(std::size_t i) const { return 2 * nodes_.size() - i; }

  bool is_output(std::size_t i) const { return is_output_[i]; }

  /// Backward runs where a trained parameter lies at or below the node and a loss above it.
  void mark_backward() {
    std::vector<bool> above(nodes_.size(), false);
    for (const std::size_t output : graph_.outputs) above[output] = true;
    for (std::size_t i = nodes_.size(); i-- > 0;)
      if (above[i] && nodes_[i].traits.indices_below == 0)  // indices have no gradient
        for (const std::size_t input : nodes_[i].inputs) above[input] = true;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      bool trained = nodes_[i].trainable;
      for (const std::size_t input : nodes_[i].inputs) trained = trained || plans_[input].backward;
      plans_[i].backward = trained && above[i];
    }
  }

  /// Whether backward reads the array that node i wrote.
  bool read_in_backward_by(std::size_t reader) const {
    return plans_[reader].backward && nodes_[reader].traits.reads_input;
  }
  /// Whether the array that node i wrote is read for its own sake: by its backward, or by the
  /// penalty on its values.
  bool reads_own_output(std::size_t i) const {
    return (plans_[i].backward && nodes_[i].traits.reads_output) || penalized(i);
  }
  bool penalized(std::size_t i) const { return training_ && nodes_[i].penalty != nullptr; }

  std::size_t last_reading(std::size_t i) const {
    std::size_t last = is_output(i) ? loss_ : i;
    for (const std::size_t reader : consumers_[i]) {
      last = std::max(last, reader);
      if (read_in_backward_by(reader)) last = std::max(last, backward_time(reader));
    }
    if (penalized(i)) last = std::max(last, loss_);
    if (reads_own_output(i) && plans_[i].backward) last = std::max(last, backward_time(i));
    return last;
  }

  /// A mask lives until the last layer that reads it is done, in backward where it has one; that of
  /// an output until the loss.
  void find_mask_ends() {
    mask_ends_.assign(nodes_.size(), 0);
    const auto read = [this](std::size_t mask, std::size_t time) {
      if (mask != none) mask_ends_[mask] = std::max(mask_ends_[mask], time);
    };
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const FlatNode& node = nodes_[i];
      if (is_output(i)) read(node.mask, loss_);
      const std::size_t end = plans_[i].backward ? backward_time(i) : i;
      if (node.mask == i) read(i, end);
      if (node.traits.mask == MaskRule::pass) continue;
      for (const std::size_t input : node.inputs) read(nodes_[input].mask, end);
    }
  }

  /// In training caches are read by backward and, at the time of the loss, by `update`.
  std::size_t place_of_cache(std::size_t i, const DeclaredScratch& cache) {
    if (!training_ && cache.kept == Kept::training) return none;
    const std::size_t trained = plans_[i].backward ? backward_time(i) : loss_;
    const std::size_t tested = nodes_[i].carries.empty() ? i : loss_;  // `update` reads them
    return arena_.add(cache.at(capacity_), i, training_ ? trained : tested);
  }

  /// Whether node i may write its output over its input: nobody reads that afterwards.
  bool can_overwrite(std::size_t i) const {
    const FlatNode& node = nodes_[i];
    if (!node.traits.in_place || node.inputs.size() != 1) return false;
    const std::size_t input = node.inputs[0];
    if (y_[input] == none || nodes_[input].shape.size() != node.shape.size()) return false;
    if (is_output(input) || reads_own_output(input)) return false;
    if (plans_[i].backward && node.traits.reads_input) return false;
    if (consumers_[input].back() != i) return false;  // somebody reads it later
    return std::all_of(consumers_[input].begin(), consumers_[input].end(),
                       [this, i](std::size_t reader) {
                         return reader == i || (reader < i && !read_in_backward_by(reader));
                       });
  }

  /// Plans where node i, at time `now`, leaves the gradient of one of its inputs.
  void pass_gradient(std::size_t i, std::size_t input, std::size_t now) {
    using Pass = Plan::NodePlan::Pass;
    Plan::NodePlan& plan = plans_[i];
    if (!plans_[input].backward || nodes_[i].traits.indices_below != 0) {
      plan.passes.push_back(Pass::none);
      beside_.push_back({i, none});
      return;
    }
    const std::size_t size = capacity_ * nodes_[input].shape.size();
    if (dy_[input] == none && !is_output(input)) {
      plan.passes.push_back(Pass::assign);
      beside_.push_back({i, none});
      dy_[input] = arena_.add(size, now, backward_time(input));
      // The gradient may be worked on in place: dy dies here.
      if (nodes_[i].traits.in_place && nodes_[i].inputs.size() == 1 &&
          nodes_[input].shape.size() == nodes_[i].shape.size())
        arena_.merge(dy_[i], dy_[input]);
      return;
    }
    if (dy_[input] == none)  // an output that is used further: the loss wrote first
      dy_[input] = arena_.add(size, loss_, backward_time(input));
    plan.passes.push_back(Pass::add);
    beside_.push_back({i, arena_.add(size, now, now)});
  }

  const FlatGraph& graph_;
  const std::vector<FlatNode>& nodes_;
  bool training_;
  std::size_t capacity_;
  std::size_t loss_;  ///< the time at which outputs are read and their gradients written
  std::vector<Plan::NodePlan>& plans_;
  detail::ArenaPlanner arena_;
  std::vector<std::size_t> y_, dy_;
  std::vector<std::vector<std::size_t>> consumers_;
  std::vector<bool> is_output_;
  std::vector<std::size_t> mask_ends_;
  std::vector<Handle> masks_, caches_, workspaces_, backward_workspaces_, beside_;
};

/// The numbers that a node writes in one run, at most.
double numbers_of(const FlatNode& node, std::size_t capacity) {
  double per_sample = static_cast<double>(node.shape.size()), fixed = 0;
  for (const auto* kind : {&node.caches, &node.workspaces})
    for (const DeclaredScratch& scratch : *kind) {
      per_sample += static_cast<double>(scratch.per_sample);
      fixed += static_cast<double>(scratch.fixed);
    }
  return per_sample * static_cast<double>(capacity) + fixed;
}

/// Refuses what is beyond any machine before the sizes are reckoned in whole numbers.
void check_size(const FlatGraph& graph, std::size_t capacity) {
  double total = 0;
  for (const FlatNode& node : graph.nodes) total += numbers_of(node, capacity);
  // Outputs, gradients and gradients beside them: less than four times.
  if (total < static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max()) / 64) return;
  throw_run_too_large(graph, capacity, total);
}

}  // namespace

void throw_run_too_large(const FlatGraph& graph, std::size_t capacity, double numbers) {
  const auto largest = std::max_element(graph.nodes.begin(), graph.nodes.end(),
                                        [capacity](const FlatNode& a, const FlatNode& b) {
                                          return numbers_of(a, capacity) < numbers_of(b, capacity);
                                        });
  detail::throw_out_of_memory(largest->layer->place(),
                              "a batch of " + std::to_string(capacity) + " has an output " +
                                  largest->shape.to_string_with_samples() +
                                  " here; the arrays of the whole run",
                              numbers);
}

Plan::Plan(const FlatGraph& graph, Phase phase, std::size_t capacity,
           const std::vector<OutputUse>& uses, Sharing sharing)
    : capacity_(capacity), phase_(phase) {
  if (graph.open)
    throw ConfigError("plan", "expected a graph whose sizes are all known, got one with open axes",
                      "close it for the sizes of a batch: FlatGraph::closed");
  check_size(graph, capacity);
  Planner planner(graph, phase, capacity, uses, sharing, nodes_);
  planner.plan_forward();
  if (phase == Phase::train) planner.plan_backward();
  arena_size_ = planner.place(unshared_size_);
}

}  // namespace cornu
