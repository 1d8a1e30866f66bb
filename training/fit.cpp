#include "cornu/training/fit.hpp"

#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/training/progress.hpp"

namespace cornu {
namespace {

/// Averages of losses by samples; metrics already run over all batches.
class Averages {
 public:
  explicit Averages(const Trainer& trainer)
      : losses_(trainer.loss_count()), sums_(losses_, 0.0), scores_(trainer.score_names()) {}

  void reset() {
    seen_ = 0;
    sums_.assign(losses_, 0.0);
  }
  void add(const Scores& batch, std::size_t samples) {
    seen_ += samples;
    for (std::size_t i = 0; i < scores_.size(); ++i) {
      if (i < losses_) sums_[i] += batch.value(i) * static_cast<double>(samples);
      scores_.set(i, i < losses_ ? sums_[i] / static_cast<double>(seen_) : batch.value(i));
    }
  }
  std::size_t seen() const { return seen_; }
  const std::vector<double>& sums() const { return sums_; }
  /// Goes on where another stood.
  void resume(std::size_t seen, const std::vector<double>& sums) {
    if (sums.size() != losses_)
      throw FormatError("fit", "expected " + std::to_string(losses_) +
                                   " losses to go on with, got " + std::to_string(sums.size()));
    seen_ = seen;
    sums_ = sums;
  }
  const Scores& scores() const { return scores_; }

 private:
  std::size_t losses_;
  std::vector<double> sums_;
  Scores scores_;
  std::size_t seen_ = 0;
};

std::vector<std::string> epoch_names(const Trainer& trainer, bool validating) {
  std::vector<std::string> names = *trainer.score_names();
  const std::size_t own = names.size();
  for (std::size_t i = 0; validating && i < own; ++i) names.push_back("val_" + names[i]);
  return names;
}

/// on_train_end is called however the run ends.
class CallbackList {
 public:
  CallbackList(const std::vector<CallbackPtr>& callbacks, TrainingTarget& target,
               const TrainingParams& params)
      : callbacks_(callbacks), target_(target) {
    for (const CallbackPtr& callback : callbacks_) callback->on_train_begin(target_, params);
  }
  CallbackList(const CallbackList&) = delete;
  CallbackList& operator=(const CallbackList&) = delete;
  ~CallbackList() {
    for (const CallbackPtr& callback : callbacks_) try {
        callback->on_train_end(target_);
      } catch (...) {
        // The run is over either way; an exception that ended it must not be replaced.
      }
  }

  template <class Hook>
  void each(Hook hook) const {
    for (const CallbackPtr& callback : callbacks_) hook(*callback);
  }

 private:
  const std::vector<CallbackPtr>& callbacks_;
  TrainingTarget& target_;
};

/// Passes over the batches of an epoch that an interrupted run had done, and takes up its averages.
void go_to(const FitState& state, BatchSource& source, Trainer& trainer, Averages& averages) {
  Batch batch;
  for (std::size_t i = 0; i < state.batch; ++i)
    if (!source.next(batch))
      throw ConfigError("fit", "the interrupted epoch had more batches than there are now",
                        "resume with the same data and batch_size");
  averages.resume(state.samples, state.loss_sums);
  trainer.set_metric_states(state.metrics);
}

}  // namespace

FitKeeper::~FitKeeper() = default;

void check_finite(const Trainer& trainer, const Scores& scores, const Batch& batch,
                  const char* place) {
  const double loss = scores.value(0);
  if (std::isfinite(loss)) return;
  const std::string where = trainer.find_nonfinite(batch);
  throw NumericError(place,
                     std::string("the loss is ") + (std::isnan(loss) ? "NaN" : "infinite") +
                         (where.empty() ? "" : "; not finite first: " + where),
                     "look for missing values in the data, or try a smaller learning rate or "
                     "clipnorm; the step was not made");
}

History run_fit(Trainer& trainer, TrainingTarget& target, BatchSource& source,
                const FitPlan& plan) {
  const bool validating = plan.validation != nullptr;
  const auto names =
      std::make_shared<const std::vector<std::string>>(epoch_names(trainer, validating));
  const std::size_t first = plan.from != nullptr ? plan.from->epoch : plan.first_epoch;
  const TrainingParams params{.batch_size = plan.batch_size,
                              .nb_epoch = plan.nb_epoch,
                              .first_epoch = first,
                              .resumed = plan.from != nullptr || plan.first_epoch > 0,
                              .nb_sample = source.samples(),
                              .verbose = plan.verbose,
                              .do_validation = validating,
                              .metrics = *names};
  History history = plan.from != nullptr ? plan.from->history : History();
  Progress progress(plan.verbose);
  progress.begin_training(source.samples(), plan.validation_samples);
  const CallbackList callbacks(plan.callbacks, target, params);
  Averages averages(trainer);
  Batch batch;
  const auto keep = [&](std::size_t epoch, std::size_t batches, const Scores* scores) {
    if (batches == 0) return plan.keeper->keep({epoch, 0, 0, {}, {}, history}, scores);
    plan.keeper->keep(
        {epoch, batches, averages.seen(), averages.sums(), trainer.metric_states(), history},
        scores);
  };
  for (std::size_t epoch = first; epoch < plan.nb_epoch && !target.stopping(); ++epoch) {
    // Within an epoch: its beginning is in the callbacks' states already.
    const bool within = plan.from != nullptr && epoch == plan.from->epoch && plan.from->batch != 0;
    if (!within) callbacks.each([&](Callback& c) { c.on_epoch_begin(target, epoch); });
    progress.begin_epoch(epoch, plan.nb_epoch, source.samples());
    trainer.reset_metrics();
    averages.reset();
    source.begin_epoch(plan.epochs_before + (epoch - plan.first_epoch));
    if (within) go_to(*plan.from, source, trainer, averages);
    for (std::size_t number = within ? plan.from->batch : 0; source.next(batch); ++number) {
      callbacks.each([&](Callback& c) { c.on_batch_begin(target, number, batch.samples); });
      const Scores scores = trainer.train(batch);
      callbacks.each([&](Callback& c) { c.on_batch_end(target, number, batch.samples, scores); });
      if (target.stopping()) break;
      check_finite(trainer, scores, batch, "fit");
      averages.add(scores, batch.samples);
      progress.update(averages.seen(), averages.scores());
      if (plan.keeper == nullptr) continue;
      const bool interrupted = plan.keeper->interrupted();
      if (interrupted || plan.keeper->due(epoch, number + 1)) keep(epoch, number + 1, nullptr);
      if (interrupted) return history;
    }
    if (target.stopping()) break;
    Scores scores(names);
    for (std::size_t i = 0; i < averages.scores().size(); ++i)
      scores.set(i, averages.scores().value(i));
    if (validating) {
      const Scores validation = run_evaluate(trainer, *plan.validation);
      for (std::size_t i = 0; i < validation.size(); ++i)
        scores.set(averages.scores().size() + i, validation.value(i));
    }
    history.append(epoch, scores);
    target.count_epoch();
    callbacks.each([&](Callback& c) { c.on_epoch_end(target, epoch, scores); });
    progress.end_epoch(scores);
    if (plan.keeper != nullptr) keep(epoch + 1, 0, &scores);
  }
  return history;
}

Scores run_evaluate(Trainer& trainer, BatchSource& source, int verbose) {
  Progress progress(verbose);
  Averages averages(trainer);
  Batch batch;
  trainer.reset_metrics();
  source.begin_epoch(0);
  progress.begin_epoch(0, 0, source.samples());
  while (source.next(batch)) {
    const Scores scores = trainer.test(batch);
    check_finite(trainer, scores, batch, "evaluate");
    averages.add(scores, batch.samples);
    progress.update(averages.seen(), {});
  }
  progress.end_epoch({});
  return averages.scores();
}

}  // namespace cornu
