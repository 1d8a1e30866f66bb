#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/models/data.hpp"
#include "cornu/optimizers/optimizer.hpp"
#include "cornu/training/callbacks/callback.hpp"
#include "cornu/training/sources/array_source.hpp"

namespace cornu {

/// One value for all outputs, one for each in their order, or some by the outputs' names:
/// `"mse"`, `{"mse", "mae"}`, `named<std::string>({{"main", "mse"}, {"aux", "mae"}})`.
template <class T>
class PerOutput {
 public:
  PerOutput() = default;
  PerOutput(T value) : list_{std::move(value)}, single_(true) {}  // NOLINT
  PerOutput(const char* value) : PerOutput(T(value)) {}           // NOLINT
  PerOutput(std::initializer_list<T> list) : list_(list) {}
  PerOutput(std::vector<T> list) : list_(std::move(list)) {}                         // NOLINT
  PerOutput(std::map<std::string, T> map) : map_(std::move(map)), by_name_(true) {}  // NOLINT

  bool empty() const noexcept { return list_.empty() && map_.empty(); }
  /// One value for all.
  bool single() const noexcept { return single_; }
  bool by_name() const noexcept { return by_name_; }
  const std::vector<T>& list() const noexcept { return list_; }
  const std::map<std::string, T>& map() const noexcept { return map_; }

 private:
  std::vector<T> list_;
  std::map<std::string, T> map_;
  bool single_ = false, by_name_ = false;
};

template <class T>
std::map<std::string, T> named(std::initializer_list<std::pair<const std::string, T>> values) {
  return values;
}

/// The metrics of all outputs, or of each output by name:
/// `{"accuracy"}`, `named<std::vector<std::string>>({{"main", {"accuracy"}}})`.
class CORNU_API MetricNames {
 public:
  MetricNames() = default;
  MetricNames(std::initializer_list<std::string> names) : all_(names) {}
  MetricNames(std::vector<std::string> names) : all_(std::move(names)) {}  // NOLINT
  MetricNames(std::map<std::string, std::vector<std::string>> names)       // NOLINT
      : by_output_(std::move(names)) {}

  const std::vector<std::string>& all() const noexcept { return all_; }
  const std::map<std::string, std::vector<std::string>>& by_output() const noexcept {
    return by_output_;
  }

 private:
  std::vector<std::string> all_;
  std::map<std::string, std::vector<std::string>> by_output_;
};

/// An optimizer by name with its default options, or an object: `optimizer_from_json(...)`.
class CORNU_API OptimizerChoice {
 public:
  OptimizerChoice() = default;
  OptimizerChoice(const char* name) : pointer_(make_optimizer(name)) {}         // NOLINT
  OptimizerChoice(const std::string& name) : pointer_(make_optimizer(name)) {}  // NOLINT
  template <class O>
  OptimizerChoice(std::shared_ptr<O> optimizer) : pointer_(std::move(optimizer)) {}  // NOLINT

  const OptimizerPtr& pointer() const noexcept { return pointer_; }

 private:
  OptimizerPtr pointer_;
};

/// How `fit` orders samples: true (every epoch anew), false, or "batch" (whole batches change
/// places, their contents stay together).
class CORNU_API ShuffleChoice {
 public:
  ShuffleChoice(bool on) : mode_(on ? Shuffle::samples : Shuffle::off) {}  // NOLINT
  /// Throws ConfigError for any word but "batch".
  ShuffleChoice(const char* word);  // NOLINT

  Shuffle mode() const noexcept { return mode_; }

 private:
  Shuffle mode_;
};

/// Arguments of `compile`.
struct CompileOptions {
  OptimizerChoice optimizer = {};
  PerOutput<std::string> loss = {};
  MetricNames metrics = {};
  /// Metrics that masks and sample weights count in, also class weights; reported as
  /// "weighted_acc".
  MetricNames weighted_metrics = {};
  PerOutput<double> loss_weights = {};  ///< 1 where not given
  /// "temporal": sample weights have one value a time step, (N, T). Otherwise one a sample.
  PerOutput<std::string> sample_weight_mode = {};
};

/// Factors for classes, by their numbers: the same for all outputs, `{{0, 1.0}, {1, 2.5}}`, or for
/// some by the outputs' names,
/// `named<std::map<std::size_t, double>>({{"main", {{0, 1.0}, {1, 2.5}}}})`.
class CORNU_API ClassWeights {
 public:
  using Factors = std::map<std::size_t, double>;

  ClassWeights() = default;
  ClassWeights(std::initializer_list<Factors::value_type> factors) : all_(factors) {}
  ClassWeights(Factors factors) : all_(std::move(factors)) {}  // NOLINT
  ClassWeights(std::map<std::string, Factors> factors)
      : by_output_(std::move(factors)) {}  // NOLINT

  bool empty() const noexcept { return all_.empty() && by_output_.empty(); }
  double& operator[](std::size_t class_number) { return all_[class_number]; }
  const std::map<std::string, Factors>& by_output() const noexcept { return by_output_; }
  /// An output's factors; empty for none.
  const Factors& of(const std::string& output) const;

 private:
  Factors all_;
  std::map<std::string, Factors> by_output_;
};

/// See Data: arrays with a name of their own are borrowed, and must still be there when `fit` runs.
struct ValidationData {
  Data x = {}, y = {}, sample_weight = {};
};

/// Where and when `fit` keeps what an interrupted run is resumed from.
struct CheckpointOptions {
  std::string directory = {};     ///< made if need be; empty: no checkpoints
  std::size_t every_batches = 0;  ///< also after so many batches within an epoch; 0: after epochs
  std::size_t keep = 2;           ///< how many of the last ones stay; at least 1
  /// The score whose best epoch stays in best.json: "val_loss", or "loss" without validation, when
  /// empty.
  std::string monitor = {};
};

/// Arguments of `fit`.
struct FitOptions {
  std::size_t batch_size = 32;
  std::size_t nb_epoch = 10;  ///< the number of the last epoch, plus one
  int verbose = 1;  ///< 0 silent, 1 a bar (one line an epoch off a terminal), 2 one line an epoch
  std::vector<CallbackPtr> callbacks = {};
  /// In [0, 1): this part of the samples, the last ones, is not trained on but tested after every
  /// epoch: int(N (1 - validation_split)) are trained on. Cut off before any shuffling.
  double validation_split = 0;
  ValidationData validation_data = {};  ///< wins over validation_split
  ShuffleChoice shuffle = true;
  /// A factor for each class, by its number; used where sample_weight is not given. It weighs what
  /// is trained on, not the validation, however that is given.
  ClassWeights class_weight = {};
  Data sample_weight = {};  ///< (N,), or (N, T) in temporal mode; wins over class_weight
  /// The number of the first epoch. A run that was interrupted is resumed, with its callbacks'
  /// states, by loading the model and the same call with `initial_epoch = model->epochs()`.
  std::size_t initial_epoch = 0;
  /// With a directory, a run can be killed at any moment, and the same program goes on to the same
  /// bits with `resume`. The first Ctrl-C then finishes the batch, keeps a checkpoint, and `fit`
  /// returns; the second kills. Every checkpoint is a whole model file.
  CheckpointOptions checkpoint = {};
  /// Go on from the newest whole checkpoint of that directory, or from the beginning when there is
  /// none. Data, batch_size and compile's arguments must be the interrupted run's; nb_epoch may be
  /// larger. Without `resume` the directory must hold no checkpoints.
  bool resume = false;
  /// Leave out the last batch of an epoch where it is smaller than batch_size.
  bool drop_last = false;
};

/// Arguments of `evaluate`.
struct EvaluateOptions {
  std::size_t batch_size = 32;
  int verbose = 0;
  Data sample_weight = {};
};

/// Arguments of `predict`.
struct PredictOptions {
  std::size_t batch_size = 32;
};

}  // namespace cornu
