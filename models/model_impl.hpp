#pragma once

// Not a public header: what a Model holds.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cornu/graph/execution.hpp"
#include "cornu/models/model.hpp"

namespace cornu {

/// One prediction's buffers, lent to one thread at a time.
struct PredictionRun {
  PredictionRun(std::shared_ptr<const FlatGraph> graph, std::size_t capacity)
      : execution(std::move(graph), Phase::predict, capacity) {}

  Execution execution;
  std::vector<ConstView> views;
  std::vector<const Scalar*> pointers;
};

class Checkpoints;

/// What a callback keeps: see Callback::state.
struct CallbackState {
  nlohmann::json values;
  StateArrays arrays;
};
/// By the callbacks' keys.
using CallbackStates = std::map<std::string, CallbackState>;

struct Model::Impl {
  std::string name, class_name;
  /// Null for a Sequential that was changed since its graph was last needed.
  std::shared_ptr<Container> container;
  std::shared_ptr<const FlatGraph> graph;
  std::vector<DataSlot> input_slots, output_slots;
  std::atomic<bool> has_graph{false};  ///< whether the above are there, asked without the mutex

  std::unique_ptr<Trainer> trainer;        ///< null unless compiled
  std::vector<bool> temporal;              ///< for each output, whether weights are one a time step
  std::vector<bool> compiled_flags;        ///< detail::trainable_flags when it was compiled
  Batch batch;                             ///< of train_on_batch and test_on_batch
  std::optional<MetricSet> batch_metrics;  ///< theirs
  /// What runs: "fit", "evaluate"; null for nothing.
  std::atomic<const char*> running_call{nullptr};
  bool stop = false;
  bool trainable = true;
  std::uint64_t seed = detail::next_model_seed();
  std::uint64_t epochs = 0;
  /// The callbacks of the present `fit`, null outside of one, and what was left of the states of
  /// the last one's or of the file's, by their keys.
  const std::vector<CallbackPtr>* running = nullptr;
  CallbackStates callback_states;

  mutable std::mutex mutex;  ///< guards what follows, and the making of the graph
  std::vector<std::unique_ptr<PredictionRun>> idle;

  /// Takes a new graph on: places its variables, forgets what belonged to the old one.
  void adopt(std::shared_ptr<Container> made);
  /// Forgets the graph and what was made from it.
  void drop();

  /// Throws ConfigError while a run or a step goes on: `call` would change what it is made of.
  void require_idle(const char* call) const;
  /// Throws ConfigError within a step: `call` is asked for by a layer or a metric.
  void require_between_steps(const char* call) const;

  /// Weights of samples as the losses want them: one view an output, null data for none.
  void arrange_weights(const Data& weights, std::size_t samples, const char* place,
                       std::vector<ConstView>& views) const;
  /// Whether one output's weights fit it and are finite; null data does.
  void check_weights(ConstView weights, std::size_t output, std::size_t samples,
                     const char* place) const;
  /// Whether targets, one array an output, fit the losses.
  void check_targets(const std::vector<ConstView>& y, const char* place) const;
  /// x, y and weights of one call, checked.
  void arrange_batch(const Data& x, const Data& y, const Data& sample_weight, const char* place,
                     Batch& to) const;
  /// `train_on_batch` on `batch`, which is arranged.
  Scores train_batch();
  /// The states of the running callbacks, or what was left of the last ones'.
  CallbackStates callback_states_now() const;
  /// `fit` on checked data; `held` is for validation and may be empty.
  History run(Model& model, BatchSource& source, const Batch& held, const FitOptions& options,
              const std::shared_ptr<Checkpoints>& checkpoints);
};

/// Marks a run of a model while it lives. One that is `alone` throws ConfigError when another goes
/// on, also in another thread.
class RunMark {
 public:
  RunMark(Model::Impl& impl, const char* call, bool alone);
  ~RunMark();
  RunMark(const RunMark&) = delete;
  RunMark& operator=(const RunMark&) = delete;

 private:
  Model::Impl& impl_;
  bool mine_;
};

/// Borrows a run from the model's idle ones, and gives it back.
class RunLease {
 public:
  RunLease(Model::Impl& impl, std::size_t samples);
  ~RunLease();
  RunLease(const RunLease&) = delete;
  RunLease& operator=(const RunLease&) = delete;
  PredictionRun* operator->() const { return run_.get(); }

 private:
  Model::Impl& impl_;
  std::unique_ptr<PredictionRun> run_;
};

}  // namespace cornu
