#include "cornu/training/callbacks/early_stopping.hpp"

#include <cstdint>
#include <cstdio>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {
namespace {

/// Files before 0.5 held the best weights as JSON.
std::vector<Tensor> weights_from_json(const nlohmann::json& json) {
  std::vector<Tensor> result;
  for (const nlohmann::json& weight : json)
    result.emplace_back(Shape(weight.at("shape").get<std::vector<std::size_t>>()),
                        weight.at("data").get<std::vector<Scalar>>());
  return result;
}

}  // namespace

void EarlyStoppingOptions::describe(Fields& fields) {
  fields.field("monitor", monitor, "the score to watch");
  fields.field("patience", patience, Range::any(), "epochs without improvement that are borne");
  fields.field("verbose", verbose, Range::any(), "whether to say so when the run is ended");
  fields.field("mode", mode, {"auto", "min", "max"}, "whether small or large is good");
  fields.field("min_delta", min_delta, Range::at_least(0), "what is too little to count");
  fields.field("restore_best_weights", restore_best_weights,
               "whether the model gets the weights of its best epoch back");
}

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)),
      monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta) {
  check_fields([this](Fields& fields) { options_.describe(fields); }, "EarlyStopping");
}

void EarlyStopping::on_train_begin(TrainingTarget&, const TrainingParams& params) {
  monitor_.check(params);
  stopped_ = false;
  if (params.resumed) return;  // the run that is resumed left its state
  monitor_.reset();
  wait_ = best_epoch_ = 0;
  best_weights_.clear();
}

void EarlyStopping::on_epoch_end(TrainingTarget& target, std::size_t epoch, const Scores& scores) {
  if (monitor_.improves(monitor_.value(scores))) {
    wait_ = 0;
    best_epoch_ = epoch;
    if (options_.restore_best_weights) best_weights_ = target.get_weights();
    return;
  }
  if (wait_ >= options_.patience) {
    stopped_ = true;
    target.stop_training();
    if (options_.verbose > 0) std::printf("Epoch %05zu: early stopping\n", epoch);
  }
  ++wait_;
}

void EarlyStopping::on_train_end(TrainingTarget& target) {
  if (!best_weights_.empty()) target.set_weights(best_weights_);
}

nlohmann::json EarlyStopping::state() const {
  return {{"best", monitor_.state()}, {"wait", wait_}, {"best_epoch", best_epoch_}};
}

void EarlyStopping::set_state(const nlohmann::json& state) {
  detail::ObjectReader reader(state, "EarlyStopping");
  constexpr std::uint64_t most = std::uint64_t{1} << 53;
  const std::size_t wait = reader.integer("wait", 0, most);
  const std::size_t best_epoch = reader.integer("best_epoch", 0, most);
  std::vector<Tensor> weights;
  try {
    if (const nlohmann::json* json = reader.find("best_weights"))
      weights = weights_from_json(*json);
  } catch (const nlohmann::json::exception& error) {
    throw FormatError("EarlyStopping", std::string("damaged best_weights: ") + error.what());
  }
  const nlohmann::json& best = reader.at("best");
  reader.finish();
  monitor_.set_state(best);
  wait_ = wait;
  best_epoch_ = best_epoch;
  best_weights_ = std::move(weights);
}

StateArrays EarlyStopping::state_arrays() const {
  StateArrays arrays;
  for (const Tensor& weight : best_weights_)
    arrays.push_back({"best_weights/" + std::to_string(arrays.size()), weight});
  return arrays;
}

void EarlyStopping::set_state_arrays(const StateArrays& arrays) {
  std::vector<Tensor> weights;
  for (std::size_t i = 0; i < arrays.size(); ++i)
    weights.push_back(
        detail::find_state_array(arrays, "best_weights/" + std::to_string(i), "EarlyStopping"));
  if (!weights.empty()) best_weights_ = std::move(weights);
}

std::shared_ptr<EarlyStopping> early_stopping(EarlyStoppingOptions options) {
  return std::make_shared<EarlyStopping>(std::move(options));
}

}  // namespace cornu
