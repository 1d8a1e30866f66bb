#pragma once

#include <cstddef>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/described_class.hpp"
#include "cornu/core/export.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/training/scores.hpp"
#include "cornu/training/state_array.hpp"

namespace cornu {

class Optimizer;
class RunState;

/// What callbacks see of the model that is being trained (its `Model` implements it).
class CORNU_API TrainingTarget {
 public:
  virtual ~TrainingTarget();
  virtual Optimizer& optimizer() = 0;
  /// Ends `fit`: called between a batch's hooks, after that batch (the epoch is then not finished:
  /// it has no entry in the history and `on_epoch_end` is not called); else after the epoch.
  virtual void stop_training() = 0;
  virtual bool stopping() const = 0;
  virtual std::vector<Tensor> get_weights() const = 0;
  virtual void set_weights(const std::vector<Tensor>& weights) = 0;
  /// Writes the whole model, or only its weights, to a file, atomically.
  virtual void save(const std::string& path) const = 0;
  virtual void save_weights(const std::string& path) const = 0;
  /// What is not finite, and first so: "dense_1_W of dense_1 (Dense)" for a weight, or where the
  /// last batch's loss stopped being finite, "the output of dense_2 (Dense)"; "" for nothing.
  virtual std::string first_nonfinite() const = 0;
  /// One more epoch was trained and validated; what is saved from now on says so.
  virtual void count_epoch() {}
};

/// What a run of `fit` is about to do.
struct TrainingParams {
  std::size_t batch_size = 0;
  std::size_t nb_epoch = 0;     ///< the number of the last epoch, plus one
  std::size_t first_epoch = 0;  ///< the number of the first epoch of this call
  bool resumed = false;         ///< the state of an interrupted run was given back: go on from it
  std::size_t nb_sample = 0;    ///< 0 when the source does not know
  int verbose = 1;
  bool do_validation = false;
  std::vector<std::string> metrics;  ///< the names of the scores at an epoch's end, in order
};

/// Something that looks on while a model trains. Hooks are called in the order: train begin, then
/// for each epoch (from first_epoch): epoch begin, for each batch (from 0): batch begin, batch end;
/// epoch end; at last train end, also when an exception ends the run, for each callback whose train
/// begin had returned. The first exception is what `fit` throws.
///
/// A hook may call what is const of the model, `evaluate`, `test_on_batch`, `set_weights`,
/// `load_weights` and `stop_training`, which do not change what the run reports. What would, such
/// as `compile`, `fit` or `train_on_batch`, throws ConfigError while the run goes on.
class CORNU_API Callback {
 public:
  virtual ~Callback();

  virtual void on_train_begin(TrainingTarget&, const TrainingParams&) {}
  virtual void on_train_end(TrainingTarget&) {}
  virtual void on_epoch_begin(TrainingTarget&, std::size_t /*epoch*/) {}
  /// `scores`: loss, metrics, and with validation the same as val_...
  virtual void on_epoch_end(TrainingTarget&, std::size_t /*epoch*/, const Scores&) {}
  virtual void on_batch_begin(TrainingTarget&, std::size_t /*batch*/, std::size_t /*size*/) {}
  /// `scores`: loss and metrics of this batch alone.
  virtual void on_batch_end(TrainingTarget&, std::size_t /*batch*/, std::size_t /*size*/,
                            const Scores&) {}

  /// After the hooks of a batch, when it counts (its loss was finite and nothing has stopped the
  /// run), and of an epoch: where the run stands. Here one keeps what it can be resumed from.
  virtual void on_state(TrainingTarget&, const RunState&) {}

  /// Whether several runs may call it at the same time. The others, which remember what they saw,
  /// are in one run at a time.
  virtual bool stateless() const { return false; }

  /// What must survive an interruption (EarlyStopping's best value): it is saved with the model,
  /// and given back before `on_train_begin` of a resumed run (`initial_epoch` above 0). A callback
  /// with nothing to keep has the key "" or the state null; `key` tells callbacks of one run apart.
  virtual std::string key() const { return {}; }
  virtual nlohmann::json state() const;
  virtual void set_state(const nlohmann::json& state);
  /// What of the state is many numbers (the best weights). `set_state_arrays` is called after
  /// `set_state`, with no arrays where the interrupted run's had none.
  virtual StateArrays state_arrays() const { return {}; }
  virtual void set_state_arrays(const StateArrays& /*arrays*/) {}
};

using CallbackPtr = std::shared_ptr<Callback>;
using CallbackClass = DescribedClass<Callback>;

/// A callback with default options by its class's name, "TerminateOnNaN". Throws ConfigError with
/// the nearest known name, or when the callback needs an option ("CSVLogger" a filename).
CORNU_API CallbackPtr make_callback(std::string_view name, std::string_view place = "fit");
/// From {"name": "EarlyStopping", "patience": 3, ...}; {"class_name", "config"} is understood too.
/// Options left out keep their defaults. Throws FormatError on malformed text, unknown options,
/// wrong types and values out of range, ConfigError on unknown names.
CORNU_API CallbackPtr callback_from_json(std::string_view text);
CORNU_API CallbackPtr callback_from_json(const char* text);
CORNU_API CallbackPtr callback_from_json(const std::string& text);
CORNU_API CallbackPtr callback_from_json(const nlohmann::json& config,
                                         const std::string& path = "callback");

/// Makes a callback class known by name. Throws ConfigError when the name is taken.
CORNU_API void register_callback(const std::string& class_name, CallbackClass callback_class);
/// A class `T` with `T::Options` and a constructor that takes them.
template <class T>
void register_callback(const std::string& class_name) {
  register_callback(class_name, described_class<T, Callback>());
}
/// The class of that name. Throws ConfigError, asked for at `place`, with the nearest known name.
CORNU_API CallbackClass find_callback_class(std::string_view name, std::string_view place);
/// The classes' names, sorted.
CORNU_API std::vector<std::string> callback_names();

}  // namespace cornu
