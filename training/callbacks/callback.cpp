#include "cornu/training/callbacks/callback.hpp"

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/training/callbacks/builtin_callbacks.hpp"

namespace cornu {
namespace {

Registry<CallbackClass>& callback_registry() {
  static auto& classes = *new Registry<CallbackClass>("callback", detail::builtin_callbacks());
  return classes;
}

}  // namespace

TrainingTarget::~TrainingTarget() = default;
Callback::~Callback() = default;

nlohmann::json Callback::state() const { return nullptr; }
void Callback::set_state(const nlohmann::json&) {}

CallbackPtr make_callback(std::string_view name, std::string_view place) {
  return callback_from_json(nlohmann::json{{"name", std::string(name)}}, std::string(place));
}

CallbackPtr callback_from_json(std::string_view text) {
  return callback_from_json(detail::parse_json(text, "callback"));
}
CallbackPtr callback_from_json(const char* text) {
  return callback_from_json(std::string_view(text));
}
CallbackPtr callback_from_json(const std::string& text) {
  return callback_from_json(std::string_view(text));
}

CallbackPtr callback_from_json(const nlohmann::json& config, const std::string& path) {
  return detail::read_by_name<Callback>(find_callback_class, config, path);
}

void register_callback(const std::string& class_name, CallbackClass callback_class) {
  callback_registry().add(class_name, std::move(callback_class));
}

CallbackClass find_callback_class(std::string_view name, std::string_view place) {
  return callback_registry().find(name, place);
}

std::vector<std::string> callback_names() { return callback_registry().names(); }

}  // namespace cornu
