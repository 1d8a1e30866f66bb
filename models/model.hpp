#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/graph/container.hpp"
#include "cornu/models/options.hpp"
#include "cornu/models/saving/model_file.hpp"
#include "cornu/training/history.hpp"
#include "cornu/training/scores.hpp"
#include "cornu/training/trainer.hpp"

namespace cornu {

struct Memory;
struct Profile;
struct Trace;

/// A trainable function from inputs to outputs: a graph of layers with everything to train, test,
/// use, show and store it.
///
/// `predict...` are const and may be called from several threads at once; everything else wants the
/// model for itself. A model that was moved from throws ConfigError from every function. A call
/// that throws leaves the model as it was (`fit`: with the steps it made).
class CORNU_API Model : public TrainingTarget {
 public:
  /// The graph between these nodes. An empty name becomes "model_<n>". It may start at inner nodes
  /// of another: each becomes a new input of its shape. Throws ConfigError for graphs that cannot
  /// be: see Container, also for `order`.
  Model(std::vector<Node> inputs, std::vector<Node> outputs, std::string name = {},
        const std::vector<std::string>& order = {});
  ~Model() override;
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  // ---- structure
  const std::string& name() const;
  /// "Model" or "Sequential".
  const std::string& class_name() const;
  const std::vector<Node>& inputs() const;
  const std::vector<Node>& outputs() const;
  /// The layers in order, those of models used as layers included; no input layers.
  std::vector<LayerPtr> layers() const;
  /// Throws ConfigError with the known names, or with the number of layers.
  LayerPtr get_layer(std::string_view name) const;
  LayerPtr get_layer(std::size_t index) const;
  /// The number of trained numbers of all layers.
  std::size_t count_params() const;
  /// The shape of one sample of the first input and output.
  Shape input_shape() const;
  Shape output_shape() const;
  /// Whether this model's layers are trained when it is part of another, or compiled again.
  bool trainable() const;
  void set_trainable(bool trainable);

  /// Calls the whole model as a layer of another; the parameters are shared.
  Node operator()(const Node& input) const;
  std::vector<Node> operator()(const std::vector<Node>& inputs) const;

  // ---- training
  /// Fixes optimizer, losses and metrics. Weights stay; accumulators start at zero. Throws
  /// ConfigError for unknown names and for losses or metrics that do not fit the outputs.
  void compile(const CompileOptions& options);
  bool compiled() const;

  /// Trains on x (N, ...) and y (N, ...). Answers the scores of every epoch.
  History fit(const Data& x, const Data& y, const FitOptions& options = {});
  /// The same from any source of batches; batch_size, shuffle, weights and validation_split are
  /// then the source's business and must be left alone. Every batch is checked; one that does not
  /// fit throws, after the steps before it were made.
  History fit(BatchSource& source, const FitOptions& options = {});
  /// Loss and metrics over all samples, in the test phase.
  Scores evaluate(const Data& x, const Data& y, const EvaluateOptions& options = {});
  Scores evaluate(BatchSource& source, int verbose = 0);
  /// One step on all samples given. The scores are those before the step.
  Scores train_on_batch(const Data& x, const Data& y, const Data& sample_weight = {});
  /// The same with a factor for each class.
  Scores train_on_batch(const Data& x, const Data& y, const ClassWeights& class_weight);
  Scores test_on_batch(const Data& x, const Data& y, const Data& sample_weight = {});
  /// "loss", ... : the names of the scores. Throws ConfigError when not compiled.
  const std::vector<std::string>& metrics_names() const;

  // ---- use
  /// The output (N, ...) for x (N, ...), computed batch by batch. For one output.
  Tensor predict(const Data& x, const PredictOptions& options = {}) const;
  /// One tensor an output.
  std::vector<Tensor> predict_all(const Data& x, const PredictOptions& options = {}) const;
  /// All samples in one batch.
  Tensor predict_on_batch(const Data& x) const;
  /// The same into a tensor that has the right shape. Does not allocate once warm.
  void predict_on_batch(const Data& x, Tensor& output) const;
  /// The same as `predict`; warns when values are not probabilities.
  Tensor predict_proba(const Data& x, const PredictOptions& options = {}) const;
  /// The class of each sample: the place of the largest value, or with one column, value > 0.5.
  /// Throws NumericError where a value is NaN.
  std::vector<std::size_t> predict_classes(const Data& x, const PredictOptions& options = {}) const;

  /// Sets to 0 the numbers of samples that layers carry from batch to batch; every prediction, test
  /// and training step of such a model goes on where the last one ended. It has a fixed number of
  /// samples, and only one thread at a time may use it: another one's call throws ConfigError.
  void reset_states();

  // ---- weights and files
  /// Layer by layer in the order of `layers()`: parameters, then states.
  std::vector<Tensor> get_weights() const override;
  /// Throws ShapeError, changing nothing, when numbers or shapes do not fit.
  void set_weights(const std::vector<Tensor>& weights) override;
  /// Class name and config as Keras 1 writes them; no weights.
  std::string to_json() const;
  /// Writes everything to one JSON file, atomically: config, weights, and when compiled what
  /// training needs to go on. Throws IoError; NumericError when weights are not finite.
  void save(const std::string& path) const override;
  void save(const std::string& path, const SaveOptions& options) const;
  /// The text of that file, which `model_from_text` reads. Throws as `save` does.
  std::string to_text(const SaveOptions& options = {}) const;
  /// A model like this one that shares nothing with it: weights, and when compiled what training
  /// needs to go on. Throws ConfigError when a layer's class is not registered.
  std::unique_ptr<Model> clone() const;
  /// Writes the weights alone.
  void save_weights(const std::string& path) const override;
  void save_weights(const std::string& path, const SaveOptions& options) const;
  /// Takes the weights of a file of either kind: by their names when they are the model's; else in
  /// their order, as Keras 1 does; or partly, with LoadOptions::by_name and skip_mismatch. Answers
  /// what was taken, skipped and left. Throws FormatError, changing nothing, when the file is
  /// damaged or names, number or shapes do not fit.
  WeightsReport load_weights(const std::string& path, const LoadOptions& options = {});

  // ---- TrainingTarget, for callbacks
  Optimizer& optimizer() override;
  void stop_training() override;
  bool stopping() const override;
  std::string first_nonfinite() const override;
  void count_epoch() override;

  // ---- the door for what looks inside: inspection, formats, programs of your own
  /// The graph as it was built: nodes, members, models within as such.
  std::shared_ptr<Container> container() const;
  /// The graph as it runs: all models opened, in the order of computation; what plans are made of.
  std::shared_ptr<const FlatGraph> graph() const;
  /// What `compile` made. Throws ConfigError when not compiled.
  Trainer& trainer() const;
  /// Data as the trainer takes it: views of the caller's tensors, in the order of the inputs and
  /// outputs, checked as `fit` checks them. `place` is for error texts. Throws ConfigError when not
  /// compiled, ShapeError for what does not fit.
  Batch batch(const Data& x, const Data& y, const Data& sample_weight = {},
              const char* place = "batch") const;

  // ---- looking: what stands in inspection/, for short
  std::string summary() const;                       ///< inspection/summary.hpp
  Memory memory(std::size_t batch_size = 32) const;  ///< inspection/memory.hpp
  Profile profile(const Data& x, const Data& y, std::size_t repetitions = 100);     ///< profile.hpp
  Trace trace(const Data& x, const Data& y, const Data& sample_weight = {}) const;  ///< trace.hpp

  // ---- for saving
  /// Epochs trained so far, over all calls of `fit`: numbers the order of the data.
  std::uint64_t epochs() const;
  void set_epochs(std::uint64_t epochs);
  /// The states of the callbacks of the present or the last run of `fit`, as an object by their
  /// keys, and what of them are arrays; a resumed run (`initial_epoch`) gives them to its own.
  /// Throws FormatError unless an object.
  nlohmann::json callback_states() const;
  std::map<std::string, StateArrays> callback_arrays() const;
  void set_callback_states(const nlohmann::json& states,
                           const std::map<std::string, StateArrays>& arrays = {});
  /// Keys the model's random numbers, what shuffles the data as well as noise and Dropout, from the
  /// next step on; from cornu::set_seed unless set or loaded from a file.
  std::uint64_t seed() const;
  void set_seed(std::uint64_t seed);

  struct Impl;  // not for users

 protected:
  explicit Model(std::unique_ptr<Impl> impl);
  /// Makes sure that the graph stands; const because predicting may be the first use.
  virtual const Impl& ready() const;
  Impl& impl() const { return *impl_; }

 private:
  Impl& compiled_impl(const char* place) const;

  /// A model that was moved from has none; every use of it throws ConfigError.
  class Held {
   public:
    explicit Held(std::unique_ptr<Impl> impl);
    ~Held();
    Held(Held&&) noexcept;
    Held& operator=(Held&&) noexcept;
    Impl& operator*() const { return impl_ ? *impl_ : gone(); }
    Impl* operator->() const { return &**this; }

   private:
    [[noreturn]] static Impl& gone();
    std::unique_ptr<Impl> impl_;
  };
  Held impl_;
};

/// The model of a JSON text with "class_name" and "config" (Keras 1's `to_json`), with fresh
/// weights, not compiled. Throws FormatError and ConfigError with the place in the text. The limits
/// hold as for `load_model`.
CORNU_API std::unique_ptr<Model> model_from_json(std::string_view text,
                                                 const LoadOptions& options = {});

/// The model that `save` wrote: same weights, and when it was compiled, ready to train on, bit for
/// bit. Throws IoError when the file cannot be read, FormatError with line and column when it is
/// not what it should be.
CORNU_API std::unique_ptr<Model> load_model(const std::string& path,
                                            const LoadOptions& options = {});
/// The same from the text of such a file.
CORNU_API std::unique_ptr<Model> model_from_text(std::string_view text,
                                                 const LoadOptions& options = {});

}  // namespace cornu
