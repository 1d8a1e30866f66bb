#include "cornu/models/running.hpp"

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// Throws ShapeError unless there is one array of the right shape a slot.
void check_arrays(const std::vector<ConstView>& views, const std::vector<DataSlot>& slots,
                  std::size_t samples, bool shapes_too, const std::string& place,
                  const char* what) {
  if (views.size() != slots.size())
    throw ShapeError(place, "expected " + std::to_string(slots.size()) + " arrays of " + what +
                                "s, got " + std::to_string(views.size()));
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Shape& shape = views[i].shape;
    const bool fits = views[i].data != nullptr && !shape.empty() && shape.front() == samples &&
                      (!shapes_too || slots[i].shape.takes(shape.without_samples()));
    if (!fits)
      throw ShapeError(place, std::string("expected the ") + what + " '" + slots[i].name +
                                  "' of shape " + slots[i].shape.with_samples(samples).to_string() +
                                  ", got " + (views[i] ? shape.to_string() : "no data"));
    if (shapes_too && slots[i].indices_below != 0) check_indices(views[i], slots[i], place.c_str());
  }
}

}  // namespace

void Model::Impl::require_idle(const char* call) const {
  if (const char* running_now = running_call.load(std::memory_order_relaxed))
    throw ConfigError(
        call, std::string("cannot be called while ") + running_now + " runs",
        "stop_training, and call it when " + std::string(running_now) + " has returned");
  require_between_steps(call);
}

void Model::Impl::require_between_steps(const char* call) const {
  if (trainer && trainer->in_step())
    throw ConfigError(call, "cannot be called within a step of this model",
                      "a layer, an objective or a metric has called it, or another thread");
}

RunMark::RunMark(Model::Impl& impl, const char* call, bool alone) : impl_(impl) {
  const char* nothing = nullptr;
  mine_ = impl_.running_call.compare_exchange_strong(nothing, call);
  if (alone && !mine_) impl_.require_idle(call);
  if (alone && !mine_) throw ConfigError(call, "another thread has just ended a run of this model");
}

RunMark::~RunMark() {
  if (mine_) impl_.running_call = nullptr;
}

void CheckedSource::begin_epoch(std::size_t epoch) {
  number_ = 0;
  source_.begin_epoch(epoch);
}

bool CheckedSource::next(Batch& batch) {
  if (!source_.next(batch)) {
    if (number_ == 0)
      throw ConfigError(place_, "the source of batches had none in this epoch",
                        "begin_epoch must go back to the first batch");
    return false;
  }
  try {
    check(batch, place_);
  } catch (const Error&) {  // once more, to say which batch
    check(batch, (place_ + (", batch " + std::to_string(number_))).c_str());
  }
  ++number_;
  return true;
}

void CheckedSource::check(const Batch& batch, const char* place) const {
  if (batch.samples == 0) throw ShapeError(place, "expected at least one sample, got none");
  check_arrays(batch.x, model_.input_slots, batch.samples, true, place, "input");
  check_fixed_batches(model_.input_slots, batch.samples, batch.samples, place);
  check_arrays(batch.y, model_.output_slots, batch.samples, false, place, "target");
  model_.check_targets(batch.y, place);
  if (batch.sample_weight.empty()) return;
  if (batch.sample_weight.size() != model_.output_slots.size())
    throw ShapeError(place, "expected sample weights for " +
                                std::to_string(model_.output_slots.size()) + " outputs, got " +
                                std::to_string(batch.sample_weight.size()));
  for (std::size_t o = 0; o < batch.sample_weight.size(); ++o)
    model_.check_weights(batch.sample_weight[o], o, batch.samples, place);
}

CallbackStates Model::Impl::callback_states_now() const {
  if (running == nullptr) return callback_states;
  CallbackStates result;
  for (const CallbackPtr& callback : *running)
    if (nlohmann::json state = callback->state(); !state.is_null() && !callback->key().empty())
      result[callback->key()] = {std::move(state), callback->state_arrays()};
  return result;
}

nlohmann::json Model::callback_states() const {
  nlohmann::json result = nlohmann::json::object();
  for (auto& [key, state] : impl_->callback_states_now()) result[key] = state.values;
  return result;
}

std::map<std::string, StateArrays> Model::callback_arrays() const {
  std::map<std::string, StateArrays> result;
  for (auto& [key, state] : impl_->callback_states_now())
    if (!state.arrays.empty()) result[key] = std::move(state.arrays);
  return result;
}

void Model::set_callback_states(const nlohmann::json& states,
                                const std::map<std::string, StateArrays>& arrays) {
  if (!states.is_object())
    throw FormatError("training.callbacks",
                      "expected an object, got " + std::string(states.type_name()));
  CallbackStates taken;
  for (const auto& [key, state] : states.items()) taken[key].values = state;
  for (const auto& [key, kept] : arrays)
    if (const auto found = taken.find(key); found != taken.end()) found->second.arrays = kept;
  impl_->callback_states = std::move(taken);
}

RunningCallbacks::RunningCallbacks(Model::Impl& impl, const std::vector<CallbackPtr>& callbacks,
                                   bool resumed)
    : impl_(impl) {
  for (const CallbackPtr& callback : callbacks) {
    if (!callback) throw ConfigError("fit", "one of the callbacks is null");
    if (!resumed) continue;
    const auto found = impl_.callback_states.find(callback->key());
    if (found == impl_.callback_states.end()) continue;
    callback->set_state(found->second.values);
    callback->set_state_arrays(found->second.arrays);
  }
  impl_.running = &callbacks;
}

RunningCallbacks::~RunningCallbacks() {
  try {
    impl_.callback_states = impl_.callback_states_now();
  } catch (...) {  // no memory for them, or a callback that cannot say
    impl_.callback_states.clear();
  }
  impl_.running = nullptr;
}

}  // namespace cornu
