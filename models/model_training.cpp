#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/running.hpp"
#include "cornu/models/saving/checkpoints.hpp"
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

History Model::fit(const Data& x, const Data& y, const FitOptions& options) {
  Impl& self = compiled_impl("fit");
  check_positive(options.batch_size, "batch_size", "fit");
  if (!(options.validation_split >= 0 && options.validation_split < 1))
    throw ConfigError("fit", "expected validation_split in [0, 1), got " +
                                 std::to_string(options.validation_split));
  Batch all;
  self.arrange_batch(x, y, options.sample_weight, "fit", all);
  check_finite_data(all.x, self.input_slots, "fit", "input");

  std::vector<Tensor> class_weights;
  if (!options.class_weight.empty() && options.sample_weight.empty())
    for (const ConstView& targets : all.y)
      class_weights.push_back(weights_of_classes(targets, options.class_weight, "fit"));
  for (const Tensor& weights : class_weights) all.sample_weight.push_back(weights.view());

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

  const auto checkpoints = Checkpoints::of(*this, self, options, kept);
  ArraySource source(rows(all.x, 0, kept), rows(all.y, 0, kept), rows(all.sample_weight, 0, kept),
                     kept, options.batch_size, options.shuffle.mode(), self.seed);
  return self.run(*this, source, held, options, checkpoints.get());
}

History Model::fit(BatchSource& source, const FitOptions& options) {
  Impl& self = compiled_impl("fit");
  check_positive(options.batch_size, "batch_size", "fit");
  if (options.validation_split != 0 || !options.class_weight.empty() ||
      !options.sample_weight.empty())
    throw ConfigError("fit", "validation_split, class_weight and sample_weight are the source's",
                      "let the source give weights; give validation_data for validation");
  Batch held;
  if (!options.validation_data.x.empty())
    self.arrange_batch(options.validation_data.x, options.validation_data.y,
                       options.validation_data.sample_weight, "fit, validation_data", held);
  const auto checkpoints = Checkpoints::of(*this, self, options, source.samples());
  CheckedSource checked(source, self, "fit");
  return self.run(*this, checked, held, options, checkpoints.get());
}

History Model::Impl::run(Model& model, BatchSource& source, const Batch& held,
                         const FitOptions& options, Checkpoints* checkpoints) {
  ArraySource validation(held.x, held.y, held.sample_weight, held.samples, options.batch_size);
  FitPlan plan{.batch_size = options.batch_size,
               .nb_epoch = options.nb_epoch,
               .first_epoch = options.initial_epoch,
               .epochs_before = epochs,
               .verbose = options.verbose,
               .callbacks = options.callbacks};
  if (held.samples != 0) {
    plan.validation = &validation;
    plan.validation_samples = held.samples;
  }
  stop = false;
  bool resumed = options.initial_epoch > 0;
  if (checkpoints != nullptr) {
    plan.keeper = checkpoints;
    plan.from = checkpoints->from();
    plan.epochs_before = checkpoints->epochs_before();
    if (plan.from != nullptr) {
      resumed = true;
      stop = checkpoints->stopped();
    }
  }
  const RunningCallbacks around(*this, options.callbacks, resumed);
  return run_fit(*trainer, model, source, plan);
}

Scores Model::evaluate(const Data& x, const Data& y, const EvaluateOptions& options) {
  Impl& self = compiled_impl("evaluate");
  check_positive(options.batch_size, "batch_size", "evaluate");
  Batch all;
  self.arrange_batch(x, y, options.sample_weight, "evaluate", all);
  ArraySource source(all.x, all.y, all.sample_weight, all.samples, options.batch_size);
  return run_evaluate(*self.trainer, source, options.verbose);
}

Scores Model::evaluate(BatchSource& source, int verbose) {
  Impl& self = compiled_impl("evaluate");
  CheckedSource checked(source, self, "evaluate");
  return run_evaluate(*self.trainer, checked, verbose);
}

Scores Model::train_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  Impl& self = compiled_impl("train_on_batch");
  self.arrange_batch(x, y, sample_weight, "train_on_batch", self.batch);
  self.trainer->reset_metrics();
  Scores scores = self.trainer->train(self.batch);
  check_finite(*self.trainer, scores, self.batch, "train_on_batch");
  return scores;
}

Scores Model::train_on_batch(const Data& x, const Data& y,
                             const std::map<std::size_t, double>& class_weight) {
  Impl& self = compiled_impl("train_on_batch");
  self.arrange_batch(x, y, {}, "train_on_batch", self.batch);
  std::vector<Tensor> weights;
  for (const ConstView& targets : self.batch.y)
    weights.push_back(weights_of_classes(targets, class_weight, "train_on_batch"));
  return train_on_batch(x, y, weights);
}

Scores Model::test_on_batch(const Data& x, const Data& y, const Data& sample_weight) {
  Impl& self = compiled_impl("test_on_batch");
  self.arrange_batch(x, y, sample_weight, "test_on_batch", self.batch);
  self.trainer->reset_metrics();
  Scores scores = self.trainer->test(self.batch);
  check_finite(*self.trainer, scores, self.batch, "test_on_batch");
  return scores;
}

ShuffleChoice::ShuffleChoice(const char* word) : mode_(Shuffle::batches) {
  if (std::string_view(word) != "batch")
    throw ConfigError(
        "fit", std::string("expected shuffle = true, false or \"batch\", got \"") + word + "\"");
}

}  // namespace cornu
