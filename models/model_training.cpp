#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/running.hpp"
#include "cornu/models/saving/checkpoints.hpp"
#include "cornu/training/callbacks/interrupt.hpp"
#include "cornu/training/fit.hpp"
#include "cornu/training/weights.hpp"

namespace cornu {
namespace {

/// The output's sample shape, its open axes having the target's sizes where the target has as many.
Shape with_sizes_of(const Shape& output, const Shape& target) {
  if (!output.open() || output.rank() != target.rank()) return output;
  std::vector<std::size_t> sizes(output.begin(), output.end());
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    if (sizes[axis] == Shape::any) sizes[axis] = target[axis];
  return Shape(sizes);
}

ConstView rows(const ConstView& view, std::size_t first, std::size_t count) {
  if (!view) return view;
  const Shape sample = view.shape.without_samples();
  return {view.data + first * sample.size(), sample.with_samples(count)};
}

std::vector<ConstView> rows(const std::vector<ConstView>& views, std::size_t first,
                            std::size_t count) {
  std::vector<ConstView> result;
  result.reserve(views.size());
  for (const ConstView& view : views) result.push_back(rows(view, first, count));
  return result;
}

/// Throws NumericError with the first sample that holds a NaN or an infinity.
void check_finite_data(const std::vector<ConstView>& views, const std::vector<DataSlot>& slots,
                       const char* place, const char* what) {
  for (std::size_t i = 0; i < views.size(); ++i) {
    const ConstView& view = views[i];
    if (kernels::all_finite(view.data, view.size())) continue;
    const auto* bad = std::find_if_not(view.data, view.data + view.size(),
                                       [](Scalar value) { return std::isfinite(value); });
    const std::size_t width = std::max<std::size_t>(view.shape.without_samples().size(), 1);
    throw NumericError(place,
                       std::string("the ") + what + " '" + slots[i].name +
                           "' is not finite at sample " +
                           std::to_string(static_cast<std::size_t>(bad - view.data) / width),
                       "replace missing values before training");
  }
}

void check_positive(std::size_t value, const char* name, const char* place) {
  if (value == 0)
    throw ConfigError(place, std::string("expected ") + name + " of at least 1, got 0");
}

}  // namespace

Model::Impl& Model::compiled_impl(const char* place) const {
  ready();
  if (!impl_->trainer)
    throw ConfigError(place, "the model '" + name() + "' is not compiled",
                      "call compile({.optimizer = ..., .loss = ...}) first");
  return *impl_;
}

Batch Model::batch(const Data& x, const Data& y, const Data& sample_weight,
                   const char* place) const {
  const Impl& self = compiled_impl(place);
  Batch batch;
  self.arrange_batch(x, y, sample_weight, place, batch);
  return batch;
}

Trainer& Model::trainer() const { return *compiled_impl("trainer").trainer; }
Optimizer& Model::optimizer() { return trainer().optimizer(); }
void Model::stop_training() { impl_->stop = true; }
bool Model::stopping() const { return impl_->stop; }

const std::vector<std::string>& Model::metrics_names() const {
  return *compiled_impl("metrics_names").trainer->score_names();
}

void Model::Impl::arrange_weights(const Data& weights, std::size_t samples, const char* place,
                                  std::vector<ConstView>& views) const {
  views.clear();
  if (weights.empty()) return;
  if (weights.size() != output_slots.size())
    throw ShapeError(place, "expected sample weights for " + std::to_string(output_slots.size()) +
                                " outputs, got " + std::to_string(weights.size()));
  for (std::size_t o = 0; o < output_slots.size(); ++o) {
    std::size_t at = o;
    if (weights.named()) {
      const auto& names = weights.names();
      const auto found = std::find(names.begin(), names.end(), output_slots[o].name);
      if (found == names.end())
        throw ConfigError(place, "no sample weights for the output '" + output_slots[o].name + "'");
      at = static_cast<std::size_t>(found - names.begin());
    }
    const Tensor& tensor = weights[at];
    views.push_back(tensor.view());
    check_weights(views.back(), o, samples, place);
  }
}

void Model::Impl::check_weights(ConstView weights, std::size_t output, std::size_t samples,
                                const char* place) const {
  if (!weights) return;
  const DataSlot& slot = output_slots[output];
  const Shape expected = temporal[output] ? Shape{samples, slot.shape.front()} : Shape{samples};
  const bool column = !temporal[output] && weights.shape == Shape{samples, 1};
  if (!(weights.shape == expected) && !column)
    throw ShapeError(place,
                     "expected sample weights of shape " + expected.to_string() + " for '" +
                         slot.name + "', got " + weights.shape.to_string(),
                     "weights for each time step need .sample_weight_mode = \"temporal\"");
  if (kernels::all_finite(weights.data, weights.size())) return;
  const ConstArray values = weights.array();
  const auto at = std::find_if(values.begin(), values.end(),
                               [](Scalar value) { return !std::isfinite(value); });
  throw NumericError(place, "expected finite sample weights for '" + slot.name + "', got " +
                                detail::number_text(*at) + " in sample " +
                                std::to_string(static_cast<std::size_t>(at - values.begin()) /
                                               (values.size() / samples)));
}

void Model::Impl::check_targets(const std::vector<ConstView>& y, const char* place) const {
  for (std::size_t o = 0; o < output_slots.size(); ++o) {
    const Objective& objective = *trainer->outputs()[o].objective;
    // Open axes of the output are compared when a batch has given them sizes.
    const Shape target = y[o].shape.without_samples();
    const Shape output = with_sizes_of(output_slots[o].shape, target);
    objective.check_shapes(target, output, place);
    objective.check_targets(y[o], output, place);
  }
}

void Model::Impl::arrange_batch(const Data& x, const Data& y, const Data& sample_weight,
                                const char* place, Batch& to) const {
  to.samples = arrange(x, input_slots, place, "input", true, to.x);
  const std::size_t targets = arrange(y, output_slots, place, "target", false, to.y);
  if (targets != to.samples)
    throw ShapeError(place, "expected as many targets as inputs (" + std::to_string(to.samples) +
                                " samples), got " + std::to_string(targets));
  if (to.samples == 0) throw ShapeError(place, "expected at least one sample, got none");
  check_targets(to.y, place);
  arrange_weights(sample_weight, to.samples, place, to.sample_weight);
}

const ClassWeights::Factors& ClassWeights::of(const std::string& output) const {
  const auto found = by_output_.find(output);
  return found != by_output_.end() ? found->second : all_;
}

namespace {

/// The weights of the samples of each output, none where an output's classes have no factors.
std::vector<Tensor> class_weights_of(const ClassWeights& factors, const std::vector<ConstView>& y,
                                     const std::vector<DataSlot>& outputs, const char* place) {
  const std::vector<std::string> known = names_of(outputs);
  for (const auto& [name, of_classes] : factors.by_output())
    if (std::find(known.begin(), known.end(), name) == known.end())
      detail::throw_unknown_name(place, "output", name, known);
  std::vector<Tensor> weights;
  for (std::size_t o = 0; o < y.size(); ++o) {
    const ClassWeights::Factors& own = factors.of(known[o]);
    weights.push_back(own.empty() ? Tensor() : weights_of_classes(y[o], own, place));
  }
  return weights;
}

/// One view each, of null data for no weights.
std::vector<ConstView> views_of(const std::vector<Tensor>& weights) {
  std::vector<ConstView> views;
  for (const Tensor& tensor : weights)
    views.push_back(tensor.empty() ? ConstView{} : ConstView(tensor.view()));
  return views;
}

/// The statistics of one sample are its own values and no spread: BatchNormalization then answers
/// beta, and learns nothing.
void warn_of_single_samples(const FlatGraph& graph, std::size_t samples,
                            const FitOptions& options) {
  const std::size_t batch = std::min(options.batch_size, samples);
  const bool last = !options.drop_last && samples % batch == 1;
  if (batch != 1 && !last) return;
  for (const FlatNode& node : graph.nodes) {
    const auto* layer = dynamic_cast<const BatchNormalization*>(node.layer.get());
    if (layer == nullptr || !node.trainable || layer->options().mode != 0 || node.shape.rank() != 1)
      continue;
    log::warning(layer->place() + " is trained with " + (batch == 1 ? "batches" : "a last batch") +
                 " of one sample, whose outputs are all beta; use larger batches" +
                 (batch == 1 ? "" : ", or fit's drop_last"));
    return;
  }
}

}  // namespace

History Model::fit(const Data& x, const Data& y, const FitOptions& options) {
  Impl& self = compiled_impl("fit");
  self.require_idle("fit");
  check_positive(options.batch_size, "batch_size", "fit");
  if (!(options.validation_split >= 0 && options.validation_split < 1))
    throw ConfigError("fit", "expected validation_split in [0, 1), got " +
                                 std::to_string(options.validation_split));
  Batch all;
  self.arrange_batch(x, y, options.sample_weight, "fit", all);
  check_finite_data(all.x, self.input_slots, "fit", "input");

  std::size_t kept = all.samples;
  Batch held;
  if (!options.validation_data.x.empty()) {
    const ValidationData& data = options.validation_data;
    self.arrange_batch(data.x, data.y, data.sample_weight, "fit, validation_data", held);
    check_finite_data(held.x, self.input_slots, "fit, validation_data", "input");
  } else if (options.validation_split > 0) {
    kept =
        static_cast<std::size_t>(static_cast<double>(all.samples) * (1 - options.validation_split));
    if (kept == 0 || kept == all.samples)
      throw ConfigError("fit", "validation_split leaves no samples on one side of the cut of " +
                                   std::to_string(all.samples));
    held = {all.samples - kept, rows(all.x, kept, all.samples - kept),
            rows(all.y, kept, all.samples - kept),
            rows(all.sample_weight, kept, all.samples - kept)};
  }
  // They weigh what is trained on: the validation answers the same however it is given.
  std::vector<Tensor> class_weights;
  if (!options.class_weight.empty() && options.sample_weight.empty()) {
    class_weights =
        class_weights_of(options.class_weight, rows(all.y, 0, kept), self.output_slots, "fit");
    all.sample_weight = views_of(class_weights);
  }

  const std::size_t left_out = options.drop_last ? kept % options.batch_size : 0;
  if (left_out == kept)
    throw ConfigError("fit", "drop_last leaves out all of " + std::to_string(kept) + " samples",
                      "take a smaller batch_size");
  check_fixed_batches(self.input_slots, kept - left_out, options.batch_size, "fit");
  warn_of_single_samples(*self.graph, kept, options);
  const auto checkpoints = Checkpoints::of(*this, self, options, kept);
  ArraySource source(rows(all.x, 0, kept), rows(all.y, 0, kept), rows(all.sample_weight, 0, kept),
                     kept, options.batch_size, options.shuffle.mode(), self.seed,
                     options.drop_last);
  return self.run(*this, source, held, options, checkpoints);
}

History Model::fit(BatchSource& source, const FitOptions& options) {
  Impl& self = compiled_impl("fit");
  self.require_idle("fit");
  check_positive(options.batch_size, "batch_size", "fit");
  if (options.validation_split != 0 || !options.class_weight.empty() ||
      !options.sample_weight.empty() || options.drop_last)
    throw ConfigError(
        "fit", "validation_split, class_weight, sample_weight and drop_last are the source's",
        "let the source give weights; give validation_data for validation");
  Batch held;
  if (!options.validation_data.x.empty())
    self.arrange_batch(options.validation_data.x, options.validation_data.y,
                       options.validation_data.sample_weight, "fit, validation_data", held);
  const auto checkpoints = Checkpoints::of(*this, self, options, source.samples());
  CheckedSource checked(source, self, "fit");
  return self.run(*this, checked, held, options, checkpoints);
}

History Model::Impl::run(Model& model, BatchSource& source, const Batch& held,
                         const FitOptions& options,
                         const std::shared_ptr<Checkpoints>& checkpoints) {
  const RunMark mark(*this, "fit", true);
  const std::size_t fixed = fixed_batch(input_slots);
  if (held.samples != 0)
    check_fixed_batches(input_slots, held.samples, fixed, "fit, validation_data");
  ArraySource validation(held.x, held.y, held.sample_weight, held.samples,
                         fixed != 0 ? fixed : options.batch_size);
  FitPlan plan{.batch_size = options.batch_size,
               .nb_epoch = options.nb_epoch,
               .first_epoch = options.initial_epoch,
               .epochs_before = epochs,
               .resumed = options.initial_epoch > 0,
               .verbose = options.verbose,
               .callbacks = options.callbacks};
  plan.from.epoch = options.initial_epoch;
  if (held.samples != 0) {
    plan.validation = &validation;
    plan.validation_samples = held.samples;
  }
  stop = false;
  if (checkpoints != nullptr) {
    // After the others', so that what is kept holds what they have done.
    const auto stops = [](const CallbackPtr& callback) {
      return dynamic_cast<const StopOnInterrupt*>(callback.get()) != nullptr;
    };
    if (std::none_of(plan.callbacks.begin(), plan.callbacks.end(), stops))
      plan.callbacks.push_back(stop_on_interrupt());
    plan.callbacks.push_back(checkpoints);
    plan.epochs_before = checkpoints->epochs_before();
    if (const FitState* from = checkpoints->from()) {
      plan.from = *from;
      plan.resumed = true;
      stop = checkpoints->stopped();
    }
  }
  const RunningCallbacks around(*this, plan.callbacks, plan.resumed);
  return run_fit(*trainer, model, source, plan);
}

Scores Model::evaluate(const Data& x, const Data& y, const EvaluateOptions& options) {
  Impl& self = compiled_impl("evaluate");
  self.require_between_steps("evaluate");
  check_positive(options.batch_size, "batch_size", "evaluate");
  Batch all;
  self.arrange_batch(x, y, options.sample_weight, "evaluate", all);
  const std::size_t fixed = fixed_batch(self.input_slots);
  check_fixed_batches(self.input_slots, all.samples, fixed, "evaluate");
  ArraySource source(all.x, all.y, all.sample_weight, all.samples,
                     fixed != 0 ? fixed : options.batch_size);
  const RunMark mark(self, "evaluate", false);
  return run_evaluate(*self.trainer, source, options.verbose);
}

Scores Model::evaluate(BatchSource& source, int verbose) {
  Impl& self = compiled_impl("evaluate");
  self.require_between_steps("evaluate");
  CheckedSource checked(source, self, "evaluate");
  const RunMark mark(self, "evaluate", false);
  return run_evaluate(*self.trainer, checked, verbose);
}

Scores Model::train_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  Impl& self = compiled_impl("train_on_batch");
  const RunMark mark(self, "train_on_batch", true);
  self.arrange_batch(x, y, sample_weight, "train_on_batch", self.batch);
  return self.train_batch();
}

Scores Model::train_on_batch(const Data& x, const Data& y, const ClassWeights& class_weight) {
  Impl& self = compiled_impl("train_on_batch");
  const RunMark mark(self, "train_on_batch", true);
  self.arrange_batch(x, y, {}, "train_on_batch", self.batch);
  const std::vector<Tensor> weights =
      class_weights_of(class_weight, self.batch.y, self.output_slots, "train_on_batch");
  self.batch.sample_weight = views_of(weights);
  return self.train_batch();
}

Scores Model::Impl::train_batch() {
  check_fixed_batches(input_slots, batch.samples, batch.samples, "train_on_batch");
  batch_metrics->reset();
  trainer->begin_pass();
  Scores scores = trainer->train(batch, *batch_metrics);
  trainer->require_finite(scores, "train_on_batch");
  return scores;
}

Scores Model::test_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  Impl& self = compiled_impl("test_on_batch");
  self.require_between_steps("test_on_batch");
  const RunMark mark(self, "test_on_batch", false);
  self.arrange_batch(x, y, sample_weight, "test_on_batch", self.batch);
  check_fixed_batches(self.input_slots, self.batch.samples, self.batch.samples, "test_on_batch");
  self.batch_metrics->reset();
  self.trainer->begin_pass();
  Scores scores = self.trainer->test(self.batch, *self.batch_metrics);
  self.trainer->require_finite(scores, "test_on_batch");
  return scores;
}

ShuffleChoice::ShuffleChoice(const char* word) : mode_(Shuffle::batches) {
  if (std::string_view(word) != "batch")
    throw ConfigError(
        "fit", std::string("expected shuffle = true, false or \"batch\", got \"") + word + "\"");
}

}  // namespace cornu
