#include "cornu/training/callbacks/reduce_lr_on_plateau.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "cornu/core/text/json.hpp"
#include "cornu/optimizers/optimizer.hpp"

namespace cornu {

void ReduceLROnPlateauOptions::describe(Fields& fields) {
  fields.field("monitor", monitor, "the score to watch");
  fields.field("factor", factor, Range::half_open(0, 1), "what lr is multiplied by");
  fields.field("patience", patience, Range::any(), "epochs without improvement that are borne");
  fields.field("verbose", verbose, Range::any(), "whether to say so when lr is reduced");
  fields.field("mode", mode, {"auto", "min", "max"}, "whether small or large is good");
  fields.field("epsilon", epsilon, Range::at_least(0), "what is too little to count");
  fields.field("cooldown", cooldown, Range::any(), "epochs to wait after a reduction");
  fields.field("min_lr", min_lr, Range::at_least(0), "where lr stays");
}

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)),
      monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.epsilon) {
  check_fields([this](Fields& fields) { options_.describe(fields); }, "ReduceLROnPlateau");
}

void ReduceLROnPlateau::on_train_begin(TrainingTarget&, const TrainingParams& params) {
  monitor_.check(params);
  if (params.resumed) return;  // the run that is resumed left its state
  monitor_.reset();
  wait_ = cooldown_ = 0;
}

void ReduceLROnPlateau::on_epoch_end(TrainingTarget& target, std::size_t epoch,
                                     const Scores& scores) {
  if (cooldown_ > 0) {
    --cooldown_;
    wait_ = 0;
  }
  if (monitor_.improves(monitor_.value(scores))) {
    wait_ = 0;
    return;
  }
  if (cooldown_ > 0 || wait_++ < options_.patience) return;
  Optimizer& optimizer = target.optimizer();
  // Keras's margin: a rate that has come within rounding of the least one stays.
  if (optimizer.lr() <= options_.min_lr * (1 + 1e-4)) return;
  wait_ = 1;
  optimizer.set_lr(std::max(optimizer.lr() * options_.factor, options_.min_lr));
  cooldown_ = options_.cooldown;
  if (options_.verbose > 0)
    std::printf("Epoch %05zu: reducing learning rate to %g\n", epoch, optimizer.lr());
}

nlohmann::json ReduceLROnPlateau::state() const {
  return {{"best", monitor_.state()}, {"wait", wait_}, {"cooldown", cooldown_}};
}

void ReduceLROnPlateau::set_state(const nlohmann::json& state) {
  detail::ObjectReader reader(state, "ReduceLROnPlateau");
  constexpr std::uint64_t most = std::uint64_t{1} << 53;
  const std::size_t wait = reader.integer("wait", 0, most);
  const std::size_t cooldown = reader.integer("cooldown", 0, most);
  const nlohmann::json& best = reader.at("best");
  reader.finish();
  monitor_.set_state(best);
  wait_ = wait;
  cooldown_ = cooldown;
}

std::shared_ptr<ReduceLROnPlateau> reduce_lr_on_plateau(ReduceLROnPlateauOptions options) {
  return std::make_shared<ReduceLROnPlateau>(std::move(options));
}

}  // namespace cornu
