#pragma once

// Not a public header: an Execution whose graph has no open axis.

#include <memory>
#include <span>
#include <vector>

#include "cornu/graph/execution.hpp"

namespace cornu::detail {

/// What an execution is made for.
struct ExecutionSettings {
  Phase phase;
  std::size_t capacity;
  std::vector<OutputUse> uses;
  const TrainedParameters* trained;
  Array gradients;
  Sharing sharing;
};

/// See Execution, whose functions these are.
class ClosedExecution {
 public:
  ClosedExecution(std::shared_ptr<const FlatGraph> graph, const ExecutionSettings& settings);
  ~ClosedExecution();
  ClosedExecution(const ClosedExecution&) = delete;
  ClosedExecution& operator=(const ClosedExecution&) = delete;

  const Plan& plan() const noexcept { return plan_; }
  const FlatGraph& graph() const noexcept { return *graph_; }

  void forward(std::span<const Scalar* const> inputs, std::size_t samples, std::uint64_t seed,
               std::uint64_t step);
  ConstView output(std::size_t o) const;
  ConstView output_mask(std::size_t o) const;
  View output_gradient(std::size_t o);
  double activity_penalty() const;
  void update_states();
  void backward();
  void measure(std::vector<NodeTimes>* times) { times_ = times; }
  ConstView value(std::size_t node) const;
  ConstView gradient(std::size_t node) const;

 private:
  struct Bound;
  void bind(std::size_t samples);
  void bind_masks(std::size_t node, std::size_t samples);
  void set_inputs(std::span<const Scalar* const> inputs);
  void add_activity_gradient(std::size_t node);
  /// Sets those parameter gradients to zero that layers will add to.
  void clear_gradients();
  Scalar* memory(const Place& place) { return place ? arena_.data() + place.offset : nullptr; }

  std::shared_ptr<const FlatGraph> graph_;
  Plan plan_;
  AlignedArray arena_;
  std::vector<Bound> nodes_;
  std::vector<std::size_t> moving_;  ///< the nodes whose layers have something to update
  std::size_t samples_ = 0;
  std::vector<NodeTimes>* times_ = nullptr;
};

}  // namespace cornu::detail
