#include "cornu/training/fit.hpp"

#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/training/callbacks/callback_run.hpp"
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

/// One pass in the test phase, with metrics of its own, so that it disturbs no other. With
/// `refuse` it throws at the first loss that is not finite.
Scores pass_testing(Trainer& trainer, BatchSource& source, Progress& progress, bool refuse) {
  MetricSet metrics = trainer.make_metrics();
  Averages averages(trainer);
  Batch batch;
  trainer.begin_pass();
  source.begin_epoch(0);
  progress.begin_epoch(0, 0, source.samples());
  while (source.next(batch)) {
    const Scores scores = trainer.test(batch, metrics);
    if (refuse) trainer.require_finite(scores, "evaluate");
    averages.add(scores, batch.samples);
    progress.update(averages.seen(), {});
  }
  progress.end_epoch({});
  return averages.scores();
}

class FitRun final : public RunState {
 public:
  FitRun(Trainer& trainer, TrainingTarget& target, BatchSource& source, const FitPlan& plan)
      : trainer_(trainer),
        target_(target),
        source_(source),
        plan_(plan),
        names_(epoch_names(trainer, plan.validation != nullptr)),
        callbacks_(plan.callbacks),
        progress_(plan.verbose),
        averages_(trainer),
        metrics_(trainer.make_metrics()),
        history_(plan.from.history) {}

  /// Runs from where the plan says; on_train_end is called however it ends.
  History run() {
    std::exception_ptr error;
    try {
      trainer_.begin_pass();
      callbacks_.begin(target_, params());
      progress_.begin_training(source_.samples(), plan_.validation_samples);
      for (std::size_t at = plan_.from.epoch; at < plan_.nb_epoch && !target_.stopping(); ++at)
        run_epoch(at);
    } catch (...) {
      error = std::current_exception();
    }
    progress_.abandon();
    error = callbacks_.end(target_, error);
    if (error) std::rethrow_exception(error);
    return std::move(history_);
  }

  FitState capture() const override {
    if (batch == 0) return {epoch, 0, 0, {}, {}, history_};
    return {epoch, batch, averages_.seen(), averages_.sums(), metrics_.states(), history_};
  }

 private:
  using Names = std::shared_ptr<const std::vector<std::string>>;

  static Names epoch_names(const Trainer& trainer, bool validating) {
    auto names = std::make_shared<std::vector<std::string>>(*trainer.score_names());
    const std::size_t own = names->size();
    for (std::size_t i = 0; validating && i < own; ++i) names->push_back("val_" + (*names)[i]);
    return names;
  }

  TrainingParams params() const {
    return {.batch_size = plan_.batch_size,
            .nb_epoch = plan_.nb_epoch,
            .first_epoch = plan_.from.epoch,
            .resumed = plan_.resumed,
            .nb_sample = source_.samples(),
            .verbose = plan_.verbose,
            .do_validation = plan_.validation != nullptr,
            .metrics = *names_};
  }

  void run_epoch(std::size_t at) {
    // Within an epoch: its beginning is in the callbacks' states already.
    const bool within = at == plan_.from.epoch && plan_.from.batch != 0;
    if (!within) callbacks_.each([&](Callback& c) { c.on_epoch_begin(target_, at); });
    progress_.begin_epoch(at, plan_.nb_epoch, source_.samples());
    metrics_.reset();
    averages_.reset();
    source_.begin_epoch(plan_.epochs_before + (at - plan_.first_epoch));
    if (within) go_to(plan_.from);
    Batch batch_now;
    for (std::size_t number = within ? plan_.from.batch : 0; source_.next(batch_now); ++number) {
      run_batch(batch_now, number);
      if (target_.stopping()) return;
      averages_.add(step_, batch_now.samples);
      progress_.update(averages_.seen(), averages_.scores());
      show_state(at, number + 1, nullptr);
      if (target_.stopping()) return;
    }
    end_epoch(at);
  }

  /// Passes over the batches of an epoch that an interrupted run had done, and takes up its
  /// averages.
  void go_to(const FitState& state) {
    Batch passed;
    for (std::size_t i = 0; i < state.batch; ++i)
      if (!source_.next(passed))
        throw ConfigError("fit", "the interrupted epoch had more batches than there are now",
                          "resume with the same data and batch_size");
    averages_.resume(state.samples, state.loss_sums);
    metrics_.set_states(state.metrics);
  }

  void run_batch(const Batch& now, std::size_t number) {
    callbacks_.each([&](Callback& c) { c.on_batch_begin(target_, number, now.samples); });
    step_ = trainer_.train(now, metrics_);
    callbacks_.each([&](Callback& c) { c.on_batch_end(target_, number, now.samples, step_); });
    if (!target_.stopping()) trainer_.require_finite(step_, "fit");
  }

  void end_epoch(std::size_t at) {
    Scores all(names_);
    const std::size_t own = averages_.scores().size();
    for (std::size_t i = 0; i < own; ++i) all.set(i, averages_.scores().value(i));
    Scores tested;
    if (plan_.validation != nullptr) {
      Progress silent(0);
      tested = pass_testing(trainer_, *plan_.validation, silent, false);
      for (std::size_t i = 0; i < tested.size(); ++i) all.set(own + i, tested.value(i));
    }
    history_.append(at, all);
    target_.count_epoch();
    callbacks_.each([&](Callback& c) { c.on_epoch_end(target_, at, all); });
    progress_.end_epoch(all);
    if (tested.size() != 0 && !target_.stopping())
      trainer_.require_finite(tested, "fit, validation");
    show_state(at + 1, 0, &all);
  }

  void show_state(std::size_t next_epoch, std::size_t batches, const Scores* ended_scores) {
    epoch = next_epoch;
    batch = batches;
    scores = ended_scores;
    ended = target_.stopping();
    callbacks_.each([&](Callback& c) { c.on_state(target_, *this); });
  }

  Trainer& trainer_;
  TrainingTarget& target_;
  BatchSource& source_;
  const FitPlan& plan_;
  const Names names_;
  detail::CallbackRun callbacks_;
  Progress progress_;
  Averages averages_;
  MetricSet metrics_;
  Scores step_;  ///< of the last one
  History history_;
};

}  // namespace

RunState::~RunState() = default;

History run_fit(Trainer& trainer, TrainingTarget& target, BatchSource& source,
                const FitPlan& plan) {
  return FitRun(trainer, target, source, plan).run();
}

Scores run_evaluate(Trainer& trainer, BatchSource& source, int verbose) {
  Progress progress(verbose);
  return pass_testing(trainer, source, progress, true);
}

}  // namespace cornu
