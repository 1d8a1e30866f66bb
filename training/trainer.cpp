#include "cornu/training/trainer.hpp"

#include <cmath>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// Marks a step while it lives.
class StepMark {
 public:
  StepMark(std::atomic<bool>& mark, const char* place) : mark_(mark) {
    if (mark_.exchange(true, std::memory_order_acquire))
      throw ConfigError(place, "a step of this model is under way",
                        "a layer, a metric or another thread cannot train or test the model then");
  }
  ~StepMark() { mark_.store(false, std::memory_order_release); }
  StepMark(const StepMark&) = delete;
  StepMark& operator=(const StepMark&) = delete;

 private:
  std::atomic<bool>& mark_;
};

}  // namespace

Trainer::Trainer(std::shared_ptr<const FlatGraph> graph, OptimizerPtr optimizer,
                 std::vector<OutputTraining> outputs, std::uint64_t seed)
    : function_(std::move(graph), std::move(outputs), seed),
      optimizer_(std::move(optimizer)),
      optimizer_taken_(optimizer_->take()) {
  auto names = std::make_shared<std::vector<std::string>>();
  names->push_back("loss");
  if (this->outputs().size() > 1)
    for (const OutputTraining& output : this->outputs()) names->push_back(output.name + "_loss");
  for (std::string& name : make_metrics().names()) names->push_back(std::move(name));
  names_ = std::move(names);
  for (std::size_t i = 0; i < optimizer_->slot_names().size(); ++i)
    slots_.emplace_back(parameters().size);
  slot_pointers_.resize(slots_.size());
}

Trainer::~Trainer() = default;

std::unique_ptr<TrainingFunction> Trainer::function(Sharing sharing) const {
  auto result = std::make_unique<TrainingFunction>(function_.graph(), outputs(), seed(), sharing);
  result->set_random_state(seed(), steps());
  return result;
}

Scores Trainer::scores_of(double loss, const Batch& batch, const Execution& run,
                          MetricSet& metrics) {
  Scores scores(names_);
  scores.set(0, loss);
  const std::span<const double> losses = function_.output_losses();
  if (losses.size() > 1)
    for (std::size_t o = 0; o < losses.size(); ++o) scores.set(o + 1, losses[o]);
  metrics.update(batch, run, scores, loss_count());
  const bool finite = std::isfinite(loss);
  if (!finite && finite_) last_nonfinite_ = function_.find_nonfinite(batch);
  finite_ = finite;
  return scores;
}

Scores Trainer::train(const Batch& batch, MetricSet& metrics) {
  const StepMark mark(in_step_, "train");
  const double loss = function_.training_loss(batch);
  Execution& run = *function_.training_run();
  Scores scores = scores_of(loss, batch, run, metrics);
  if (!std::isfinite(loss)) return scores;
  run.update_states();
  function_.backward(batch);
  if (exchange_) exchange_(function_.gradients());
  apply_step();
  function_.set_random_state(seed(), steps() + 1);
  return scores;
}

Scores Trainer::test(const Batch& batch, MetricSet& metrics) {
  const StepMark mark(in_step_, "test");
  const double loss = function_.testing_loss(batch);
  return scores_of(loss, batch, *function_.testing_run(), metrics);
}

void Trainer::require_finite(const Scores& scores, const char* place) const {
  const double loss = scores.value(0);
  if (std::isfinite(loss)) return;
  throw NumericError(place,
                     std::string("the loss is ") + (std::isnan(loss) ? "NaN" : "infinite") +
                         (last_nonfinite_.empty() ? "" : "; not finite first: " + last_nonfinite_),
                     "look for missing values in the data, or try a smaller learning rate or "
                     "clipnorm; the step was not made");
}

void Trainer::apply_step() {
  const Array gradients = function_.gradients();
  if (optimizer_->clipnorm() > 0 || optimizer_->clipvalue() > 0)
    clip_gradients(gradients, optimizer_->clipnorm(), optimizer_->clipvalue());
  for (const TrainedParameters::Segment& segment : parameters().segments) {
    for (std::size_t s = 0; s < slots_.size(); ++s)
      slot_pointers_[s] = slots_[s].data() + segment.offset;
    optimizer_->update({segment.values, gradients.subspan(segment.offset, segment.values.size()),
                        slot_pointers_, optimizer_->iterations(), optimizer_->scheduled_lr()});
  }
  optimizer_->set_iterations(optimizer_->iterations() + 1);
  for (const TrainedParameters::Entry& entry : parameters().entries)
    if (entry.variable->constraint)
      entry.variable->constraint->apply({entry.variable->values.data(), entry.variable->shape});
}

}  // namespace cornu
