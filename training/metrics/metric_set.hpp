#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/graph/execution.hpp"
#include "cornu/training/metrics/metric.hpp"
#include "cornu/training/output_training.hpp"
#include "cornu/training/scores.hpp"
#include "cornu/training/sources/batch_source.hpp"

namespace cornu {

/// The metrics of all outputs of a model, running over the batches of one pass. A pass within
/// another, such as an evaluation that a callback asks for, has a set of its own.
class CORNU_API MetricSet {
 public:
  /// Throws ConfigError for metrics that do not exist, or take no weights and should.
  MetricSet(const FlatGraph& graph, const std::vector<OutputTraining>& outputs);

  /// The names of the values, output by output: metrics, then weighted metrics, whose labels begin
  /// with "weighted_"; before them the output's name where there are several.
  std::vector<std::string> names() const;
  void reset();
  /// Adds a batch that `run` has gone forward on; the values go to `scores`, from place `at` on.
  void update(const Batch& batch, const Execution& run, Scores& scores, std::size_t at);

  /// The state of each metric, in the order of the names.
  std::vector<MetricState> states() const;
  /// Throws FormatError when there are not as many, or one is not such a metric's.
  void set_states(const std::vector<MetricState>& states);

 private:
  struct Entry {
    std::size_t output;
    std::string prefix;
    MetricPtr metric;
    bool weighted;
  };
  std::vector<Entry> entries_;
  AlignedArray weights_;  ///< of the rows of one output
};

}  // namespace cornu
