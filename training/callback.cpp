#include "cornu/training/callback.hpp"

#include <nlohmann/json.hpp>

namespace cornu {

TrainingTarget::~TrainingTarget() = default;
Callback::~Callback() = default;

nlohmann::json Callback::state() const { return nullptr; }
void Callback::set_state(const nlohmann::json&) {}

}  // namespace cornu
