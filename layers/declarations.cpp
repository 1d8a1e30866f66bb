#include "cornu/layers/declarations.hpp"

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

constexpr std::size_t most_slots =
    4096;  // a number beyond is a mistake, and would cost a long table

/// Throws unless the slot may follow those that were declared before it.
template <class Declared, class Kind>
void check_slot(const std::vector<Declared>& before, LayerSlot<Kind> slot, const char* kind,
                const std::string& place) {
  const std::string text =
      "'" + std::string(slot.name) + "' (slot " + std::to_string(slot.index) + ")";
  if (slot.name.empty() || slot.index >= most_slots)
    throw ConfigError(place, "expected a " + std::string(kind) + " with a name and a slot below " +
                                 std::to_string(most_slots) + ", got " + text);
  if (!before.empty() && slot.index <= before.back().slot)
    throw ConfigError(place,
                      "expected a " + std::string(kind) + " after '" + before.back().name +
                          "' (slot " + std::to_string(before.back().slot) + "), got " + text,
                      "number the slots of a kind from 0, and declare them in that order");
  for (const Declared& declared : before)
    if (declared.name == slot.name)
      throw ConfigError(place, "two slots of the kind " + std::string(kind) + " have the name '" +
                                   declared.name + "'");
}

}  // namespace

void Declarations::parameter(ParameterSlot slot, const Shape& shape, const Initializer& init,
                             const Regularizer& regularizer, const Constraint& constraint) {
  check_slot(parameters, slot, "parameter", place);
  parameters.push_back({slot.index, std::string(slot.name), shape, init, regularizer, constraint});
}

void Declarations::state(StateSlot slot, const Shape& shape, Scalar value) {
  check_slot(states, slot, "state", place);
  states.push_back({slot.index,
                    std::string(slot.name),
                    shape,
                    detail::constant_initializer(static_cast<double>(value)),
                    {},
                    {}});
}

void Declarations::carried(CarriedSlot slot, std::size_t per_sample) {
  check_slot(carries, slot, "carried array", place);
  carries.push_back({slot.index, std::string(slot.name), per_sample, 0, Kept::always});
}

void Declarations::cache(CacheSlot slot, std::size_t per_sample, std::size_t fixed, Kept kept) {
  check_slot(caches, slot, "cache", place);
  caches.push_back({slot.index, std::string(slot.name), per_sample, fixed, kept});
}

void Declarations::workspace(WorkspaceSlot slot, std::size_t per_sample, std::size_t fixed) {
  check_slot(workspaces, slot, "workspace", place);
  workspaces.push_back({slot.index, std::string(slot.name), per_sample, fixed, Kept::training});
}

}  // namespace cornu
