#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "cornu/graph/flat_graph.hpp"
#include "cornu/graph/plan.hpp"

namespace cornu {

namespace detail {
class ClosedExecution;
struct ExecutionSettings;
}  // namespace detail

/// The seconds that one node's layer took, all runs together.
struct NodeTimes {
  double forward = 0, backward = 0;
};

/// The buffers of one run of a graph, and the run itself. One execution serves one thread at a
/// time; the graph and its layers are only read (the states of layers excepted, by
/// `update_states`). After the first call for a number of samples nothing allocates.
class CORNU_API Execution {
 public:
  /// `trained` says where the gradients of the trained parameters lie in `gradients`; both are used
  /// in training only and must then outlive the execution.
  Execution(std::shared_ptr<const FlatGraph> graph, Phase phase, std::size_t capacity,
            const std::vector<OutputUse>& uses = {}, const TrainedParameters* trained = nullptr,
            Array gradients = {}, Sharing sharing = Sharing::shared);
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  /// Of the present sizes, when axes are open.
  const Plan& plan() const;
  /// The graph, closed for the present sizes when it has open axes.
  const FlatGraph& graph() const;
  std::size_t capacity() const noexcept;

  /// For a graph with open axes: takes on the sizes of these inputs, (samples, ...) each, until the
  /// next call; to be called before every forward. The plans of the eight sizes used last are kept.
  /// Throws ShapeError where a layer does not take them. For other graphs nothing is to be done.
  void set_sizes(std::span<const ConstView> inputs);

  /// Computes all outputs from one array (samples, ...) for each input, which must stay where it is
  /// until backward is done. samples <= capacity. While predicting it moves on what layers carry,
  /// and throws ShapeError for another number of samples than a model with such layers has. `seed`
  /// and `step` pick the random numbers.
  void forward(std::span<const Scalar* const> inputs, std::size_t samples, std::uint64_t seed = 0,
               std::uint64_t step = 0);

  /// The value of output `o` after `forward`: (samples, ...).
  ConstView output(std::size_t o) const;
  /// Its mask (samples, T), or null data.
  ConstView output_mask(std::size_t o) const;
  /// Where the loss writes dL/d(output), or, as planned, dL/d(what goes into its activation); null
  /// data when nothing below is trained.
  View output_gradient(std::size_t o);

  /// The sum of all penalties on layers' outputs.
  double activity_penalty() const;
  /// Moves states and carried numbers on, in node order. In training, between `forward` and
  /// `backward`.
  void update_states();
  /// From the outputs' gradients, makes the gradients of all trained parameters.
  void backward();

  /// From now on adds to `times`, one a node, the seconds that layers take; null: no more.
  void measure(std::vector<NodeTimes>* times);

  /// The value of any node, and dL/d(value): all there only when arrays are kept (Sharing::kept);
  /// otherwise the memory may be another array's by now. Null data where there never was one.
  ConstView value(std::size_t node) const;
  ConstView gradient(std::size_t node) const;

 private:
  struct Sized;
  detail::ClosedExecution& now() const;

  std::shared_ptr<const FlatGraph> graph_;
  std::unique_ptr<detail::ExecutionSettings> settings_;
  std::vector<std::unique_ptr<Sized>> sized_;  ///< one for each sizes of open axes, or just one
  detail::ClosedExecution* now_ = nullptr;
  std::uint64_t clock_ = 0;
  std::vector<NodeTimes>* times_ = nullptr;
};

}  // namespace cornu
