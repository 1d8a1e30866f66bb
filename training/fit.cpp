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

}  // namespace

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
  const TrainingParams params{.batch_size = plan.batch_size,
                              .nb_epoch = plan.nb_epoch,
                              .first_epoch = plan.first_epoch,
                              .nb_sample = source.samples(),
                              .verbose = plan.verbose,
                              .do_validation = validating,
                              .metrics = *names};
  History history;
  Progress progress(plan.verbose);
  progress.begin_training(source.samples(), plan.validation_samples);
  const CallbackList callbacks(plan.callbacks, target, params);
  Averages averages(trainer);
  Batch batch;
  for (std::size_t epoch = plan.first_epoch; epoch < plan.nb_epoch && !target.stopping(); ++epoch) {
    callbacks.each([&](Callback& c) { c.on_epoch_begin(target, epoch); });
    progress.begin_epoch(epoch, plan.nb_epoch, source.samples());
    trainer.reset_metrics();
    averages.reset();
    source.begin_epoch(plan.epochs_before + (epoch - plan.first_epoch));
    for (std::size_t number = 0; source.next(batch); ++number) {
      callbacks.each([&](Callback& c) { c.on_batch_begin(target, number, batch.samples); });
      const Scores scores = trainer.train(batch);
      callbacks.each([&](Callback& c) { c.on_batch_end(target, number, batch.samples, scores); });
      if (target.stopping()) break;
      check_finite(trainer, scores, batch, "fit");
      averages.add(scores, batch.samples);
      progress.update(averages.seen(), averages.scores());
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
