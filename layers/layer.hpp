#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/initializations/initializer.hpp"
#include "cornu/layers/parts/activation_function.hpp"
#include "cornu/layers/parts/constraint.hpp"
#include "cornu/layers/parts/regularizer.hpp"
#include "cornu/layers/slots.hpp"

namespace cornu {

// ---------------------------------------------------------------------------------------------
// What a layer declares

/// What becomes of a mask (N, T), 0 where a time step is to be skipped, that reaches a layer.
///
/// |        | forward and backward see the inputs' masks | the output carries         |
/// |--------|--------------------------------------------|----------------------------|
/// | refuse | an error when the graph is made            |                            |
/// | pass   | no                                         | the first masked input's   |
/// | read   | yes                                        | the first masked input's   |
/// | drop   | yes                                        | none: time has been used up|
/// | create | yes                                        | what forward writes        |
/// | join   | yes                                        | what forward writes, where |
/// |        |                                            | an input has a mask        |
///
/// A mask that is created has the length of the output's first axis, which may be another than the
/// input's. The rule may depend on options (a recurrent layer reads, or drops without sequences).
enum class MaskRule { refuse, pass, read, drop, create, join };

/// How a layer works, so that the plan can share memory and skip work. Constant for one layer.
struct Traits {
  bool reads_input = true;        ///< backward reads x
  bool reads_output = false;      ///< backward reads y
  bool in_place = false;          ///< y may be the memory of x (needs !reads_input), dx that of dy
  bool random = false;            ///< forward in training draws from `random`
  bool training_differs = false;  ///< forward depends on `training`
  bool updates_state = false;     ///< `update` does something
  bool assigns = false;           ///< backward heeds `assign_gradients`
  std::size_t indices_below = 0;  ///< x is whole numbers from 0 to below this; 0: any numbers
  MaskRule mask = MaskRule::refuse;
  bool causal = false;  ///< y of a step depends on x of that step and of earlier ones alone
};

/// When a cache is wanted.
enum class Kept {
  training,  ///< by backward and update: testing has none, and reads an empty array
  always,    ///< also while testing, there only within forward
};

/// Where a layer declares, once for each call on an input shape, what it stores, each array by its
/// slot: those of a kind in the order of their numbers, which may leave some out, and each once.
/// Names of one kind differ. Anything else is a ConfigError. All parameters and states must be the
/// same at every call, or ShapeError is thrown: they are made once.
class CORNU_API Builder {
 public:
  virtual ~Builder() = default;

  /// A trained array named `<layer>_<slot>`.
  virtual void parameter(ParameterSlot slot, const Shape& shape, const Initializer& init,
                         const Regularizer& regularizer = {},
                         const Constraint& constraint = {}) = 0;
  /// A saved array that training changes but no gradient reaches, filled with `value` at first.
  virtual void state(StateSlot slot, const Shape& shape, Scalar value) = 0;
  /// Numbers of each sample that go on from batch to batch, 0 at first and after
  /// Model::reset_states(): `per_sample * N`. Not in weight files, but in checkpoints. `update`
  /// moves them on after every batch, in testing and predicting too, from what forward left in a
  /// cache (Kept::always). The model needs a fixed number of samples (batch_input_shape), is used
  /// by one thread at a time, and calls the layer once.
  virtual void carried(CarriedSlot slot, std::size_t per_sample) = 0;
  /// Numbers that forward writes and backward and update read: `per_sample * N + fixed`.
  virtual void cache(CacheSlot slot, std::size_t per_sample, std::size_t fixed = 0,
                     Kept kept = Kept::training) = 0;
  /// Numbers for use within one forward or one backward, whose content is then lost.
  virtual void workspace(WorkspaceSlot slot, std::size_t per_sample, std::size_t fixed = 0) = 0;
  /// Whether a Stream follows the layer step by step, each step being a batch of one: what a layer
  /// would begin anew at every batch, it is then to carry on.
  virtual bool step_by_step() const { return false; }
  /// A workspace of `size` numbers for each thread that works within forward or backward; see
  /// ThreadScratch.
  void scratch_per_thread(WorkspaceSlot slot, std::size_t size);
};

/// The parts of a `scratch_per_thread`, each on cache lines of its own:
///
///     const ThreadScratch columns(run[slot], size);          // as it was declared
///     parallel(std::min(parts, columns.threads()), [&](std::size_t part) { ... columns.of(part)
///     ... });
class ThreadScratch {
 public:
  ThreadScratch(Array all, std::size_t size)
      : all_(all), size_(size), step_(std::max<std::size_t>(aligned_size(size), 1)) {}
  std::size_t threads() const { return all_.size() / step_; }
  Array of(std::size_t thread) const { return all_.subspan(thread * step_, size_); }

 private:
  Array all_;
  std::size_t size_, step_;
};

// ---------------------------------------------------------------------------------------------
// What a layer gets. N is the number of samples of this run, the first axis of every view. What it
// stores it reads by slot, `run[W]`: an empty array where the slot was not declared. In a loop,
// read it once before.

/// What one forward call reads and writes.
struct Forward {
  std::span<const ConstView> inputs;  ///< (N, ...) each
  View y;                             ///< (N, ...); every element is to be written
  SlotTable<ParameterSlot, ConstArray> parameters;
  SlotTable<StateSlot, ConstArray> states;
  SlotTable<CarriedSlot, ConstArray> carried;
  SlotTable<CacheSlot, Array> caches;  ///< empty arrays when testing, but for Kept::always
  SlotTable<WorkspaceSlot, Array> workspaces;
  std::span<const ConstArray> masks;       ///< of the inputs; see `mask`
  Array output_mask;                       ///< (N, T), for MaskRule::create and ::join; empty: none
  bool training = false;                   ///< Keras's learning phase
  bool step_by_step = false;               ///< as the Builder said
  RandomStream random{0, Purpose::noise};  ///< this node's, of this step

  const ConstView& x() const { return inputs[0]; }
  /// The mask (N, T) of an input; empty where it has none, or the rule does not read it.
  ConstArray mask(std::size_t input = 0) const {
    return input < masks.size() ? masks[input] : ConstArray();
  }
  ConstArray operator[](ParameterSlot slot) const { return parameters[slot]; }
  ConstArray operator[](StateSlot slot) const { return states[slot]; }
  ConstArray operator[](CarriedSlot slot) const { return carried[slot]; }
  Array operator[](CacheSlot slot) const { return caches[slot]; }
  Array operator[](WorkspaceSlot slot) const { return workspaces[slot]; }
};

/// What one backward call reads and writes. With L the loss, `dy` is dL/dy.
struct Backward {
  std::span<const ConstView> inputs;  ///< null data unless the layer declares reads_input
  ConstView y;                        ///< null data unless the layer declares reads_output
  ConstView dy;                       ///< (N, ...)
  std::span<const View> dinputs;      ///< assign dL/dx; null data: nobody needs it
  SlotTable<ParameterSlot, ConstArray> parameters;
  SlotTable<ParameterSlot, Array> gradients;
  SlotTable<StateSlot, ConstArray> states;
  SlotTable<CarriedSlot, ConstArray> carried;  ///< as `update` has moved it on since forward
  SlotTable<CacheSlot, Array> caches;
  SlotTable<WorkspaceSlot, Array> workspaces;
  std::span<const ConstArray> masks;  ///< as forward saw them
  ConstArray output_mask;             ///< as forward wrote it
  /// `dy` is already the gradient before the layer's last activation, because loss and activation
  /// were differentiated together; only for layers that have an `output_activation`.
  bool before_activation = false;
  /// `gradients` hold nothing yet: assign dL/dp instead of adding it, which spares reading them and
  /// setting them to zero; only for layers whose traits say that they do it.
  bool assign_gradients = false;

  const ConstView& x() const { return inputs[0]; }
  const View& dx() const { return dinputs[0]; }
  ConstArray mask(std::size_t input = 0) const {
    return input < masks.size() ? masks[input] : ConstArray();
  }
  ConstArray operator[](ParameterSlot slot) const { return parameters[slot]; }
  ConstArray operator[](StateSlot slot) const { return states[slot]; }
  Array operator[](CacheSlot slot) const { return caches[slot]; }
  Array operator[](WorkspaceSlot slot) const { return workspaces[slot]; }
  /// Where to *add* dL/dp; an empty array: the parameter is frozen, or was not declared.
  Array gradient(ParameterSlot slot) const { return gradients[slot]; }
};

/// What `update` reads and writes, between the forward and the backward of a training step: what
/// backward wants of the numbers before, forward leaves in a cache. Layers with carried numbers are
/// also called after a forward in testing, then without states.
struct Update {
  SlotTable<StateSlot, Array> states;  ///< empty arrays when testing
  SlotTable<CarriedSlot, Array> carried;
  SlotTable<CacheSlot, Array> caches;

  Array operator[](StateSlot slot) const { return states[slot]; }
  Array operator[](CarriedSlot slot) const { return carried[slot]; }
  Array operator[](CacheSlot slot) const { return caches[slot]; }
};

// ---------------------------------------------------------------------------------------------
// A layer's stored arrays

/// One parameter or state of a layer.
struct Variable {
  std::string name;  ///< "dense_1_W"
  std::size_t slot;  ///< the number of its slot
  Shape shape;
  Array values;         ///< where the numbers are; stays in place once made
  bool trained = true;  ///< a parameter; false: state
  Regularizer regularizer;
  Constraint constraint;
};

/// One member of a flat, aligned array that several layers' variables share, kept alive by each.
struct Variables {
  std::vector<Variable> parameters;  ///< in the order of their slots, as are the states
  std::vector<Variable> states;
  std::shared_ptr<AlignedArray> storage;
  bool placed = false;  ///< in the flat array of a model, where it stays
};

// ---------------------------------------------------------------------------------------------

/// A function with parameters, the unit of a model. Its configuration is set by the constructor and
/// never changes; forward and backward are const and keep nothing, so one layer serves several
/// nodes of a graph and several threads. What a run computes lives in the execution; what is
/// trained lives in `variables`.
///
/// A layer of your own derives from ConfiguredLayer and overrides `build`, `forward`, `backward`.
class CORNU_API Layer {
 public:
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  virtual ~Layer();

  /// "Dense": the name of the class in files.
  const std::string& class_name() const noexcept { return class_name_; }
  /// "dense_1", unique within a model.
  const std::string& name() const noexcept { return name_; }
  /// What a name that was made up begins with, "dense"; empty for one that was given. The first
  /// model that the layer becomes part of numbers it among its own (see Container).
  const std::string& made_up_prefix() const noexcept { return made_up_prefix_; }
  void set_made_up_prefix(std::string prefix) { made_up_prefix_ = std::move(prefix); }
  /// Whether the name is given, or a model has numbered it.
  bool name_settled() const noexcept { return name_settled_ || made_up_prefix_.empty(); }
  /// Names the layer and its arrays. For models.
  void settle_name(const std::string& name);
  /// "dense_1 (Dense)", the place in error texts.
  std::string place() const { return name_ + " (" + class_name_ + ")"; }

  /// Whether optimizers change the parameters. A change takes effect at the next `compile`.
  bool trainable() const noexcept { return trainable_; }
  void set_trainable(bool trainable) noexcept { trainable_ = trainable; }
  /// Stops `update` from moving the states on, in a layer that can do its work with what they are
  /// (BatchNormalization). See `freeze`.
  virtual void hold_states(bool hold) noexcept { static_cast<void>(hold); }

  /// The sample shape that the first layer of a model was given, or rank 0.
  const Shape& input_shape() const noexcept { return input_shape_; }
  /// The fixed number of samples of `batch_input_shape`, or 0.
  std::size_t input_samples() const noexcept { return input_samples_; }

  /// The options as a JSON object with exactly Keras 1.0.3's keys (and Cornu's additions).
  nlohmann::json config() const;
  /// Visits the options with their present values.
  virtual void describe(Fields& fields) const = 0;

  virtual Traits traits() const = 0;

  /// The output's sample shape for inputs of these sample shapes; declares what is stored.
  /// Throws ShapeError for shapes that the layer does not take. Const: declarations go to
  /// `builder`. The default takes exactly one input and calls the other `build`.
  virtual Shape build(std::span<const Shape> inputs, Builder& builder) const;
  /// For layers of one input.
  virtual Shape build(const Shape& input, Builder& builder) const;

  virtual void forward(const Forward& run) const = 0;
  virtual void backward(const Backward& run) const = 0;
  /// Moves the states on in a training step (running statistics), and carried numbers always.
  virtual void update(const Update& run) const;

  /// The activation that makes the output, if the layer ends with one: lets softmax or sigmoid and
  /// the cross-entropy be differentiated together. Null for none.
  virtual const ActivationName* output_activation() const { return nullptr; }
  virtual const ActivityRegularizer* activity_regularizer() const { return nullptr; }
  /// The multiplications of one sample's forward, for `Model::profile`; 0: not counted.
  virtual double multiplications(std::span<const Shape> inputs) const;
  /// The values of the constructor's `weights` argument (parameters, then states), or empty.
  virtual std::vector<Tensor> initial_weights() const { return {}; }

  // ---- stored arrays
  bool built() const noexcept { return variables_ != nullptr; }
  /// Null until the layer became part of a model.
  const Variables* variables() const noexcept { return variables_.get(); }
  void set_variables(std::shared_ptr<Variables> variables) { variables_ = std::move(variables); }
  /// Parameters, then states, in the order of declaration. Throws ConfigError when not built.
  std::vector<Tensor> get_weights() const;
  /// Throws ShapeError, changing nothing, when number or shapes do not fit.
  void set_weights(const std::vector<Tensor>& weights);
  /// The number of trained numbers. Throws ConfigError when not built.
  std::size_t count_params() const;

 protected:
  /// An empty name becomes "<class in lower case>_<n>": counted for the whole process at first,
  /// then by the first model that the layer becomes part of, so that the same function builds the
  /// same names.
  Layer(std::string class_name, std::string& name, bool trainable, const Shape& input_shape,
        const Shape& batch_input_shape);
  /// A layer moves to where it is kept: `model.add(Dense({...}))`.
  Layer(Layer&&) = default;

 private:
  std::string class_name_;
  std::string name_, made_up_prefix_;
  bool name_settled_ = false;
  bool trainable_;
  Shape input_shape_;
  std::size_t input_samples_ = 0;
  std::shared_ptr<Variables> variables_;
};

using LayerPtr = std::shared_ptr<Layer>;

/// Visits the four options that every layer has; the first line of each `describe`. `indices`: of
/// a layer whose input is whole numbers.
template <class Options>
void describe_layer(Fields& fields, Options& options, bool indices = false) {
  fields.field("name", options.name, "unique within a model; made up when empty");
  fields.field("trainable", options.trainable, "whether optimizers change the parameters");
  std::size_t samples = 0;
  Shape sample_shape = options.input_shape;
  if (!options.batch_input_shape.empty()) {
    samples = options.batch_input_shape.front();
    sample_shape = options.batch_input_shape.without_samples();
  }
  const Shape before = sample_shape;
  fields.input_shape(sample_shape, samples, indices);
  if (!(sample_shape == before)) options.input_shape = sample_shape;
  if (samples != 0) options.batch_input_shape = sample_shape.with_samples(samples);
}

/// The base of every layer whose options are a struct `O` with these members, the last four being
/// every layer's:
///
///     struct O {
///       ...
///       Shape input_shape;        // of a sample; for the first layer of a model
///       Shape batch_input_shape;  // with a fixed number of samples in front, 0 for any
///       std::string name;
///       bool trainable = true;
///       void describe(Fields& fields);
///     };
template <class O>
class ConfiguredLayer : public Layer {
 public:
  using Options = O;

  void describe(Fields& fields) const override {
    O options = options_;
    options.name = name();
    options.trainable = trainable();
    options.describe(fields);
  }
  const O& options() const noexcept { return options_; }

 protected:
  /// Throws ConfigError when an option is out of range.
  ConfiguredLayer(const char* class_name, O options)
      : Layer(class_name, options.name, options.trainable, options.input_shape,
              options.batch_input_shape),
        options_(std::move(options)) {
    check_fields([this](Fields& fields) { options_.describe(fields); }, place());
  }

  O options_;  ///< for derived constructors to complete; constant afterwards
};

/// One use of a layer class that the contract test tries: a layer and the sample shapes of its
/// inputs.
struct LayerExample {
  LayerPtr layer;
  std::vector<Shape> inputs;
};

namespace detail {

/// "dense_1", "dense_2", ...: the next free name of a prefix.
CORNU_API std::string unique_name(const std::string& prefix);
/// The name that was given, once it is found safe (ConfigError) and, where it looks like one of
/// this class's made up ones, the counter knows to skip it; or when none was, the next one of the
/// class. `kind`: "layer".
CORNU_API std::string taken_name(std::string name, const char* kind, const std::string& class_name);
/// "dense" for "Dense": what names that are made up for a class begin with.
CORNU_API std::string name_prefix(const std::string& class_name);

}  // namespace detail

}  // namespace cornu
