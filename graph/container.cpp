#include "cornu/graph/container.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

void append_layers(const Container& container, std::unordered_set<const Layer*>& found,
                   std::vector<LayerPtr>& layers) {
  for (const Member& member : container.members()) {
    if (member.container)
      append_layers(*member.container, found, layers);
    else if (member.layer->class_name() != "InputLayer" && found.insert(member.layer.get()).second)
      layers.push_back(member.layer);
  }
}

Member member_of(const Call& call) {
  return {call.layer, std::const_pointer_cast<Container>(call.container)};
}

}  // namespace

const std::string& Member::name() const { return layer ? layer->name() : container->name(); }

Container::Container(std::string class_name, std::string name, std::vector<Node> inputs,
                     std::vector<Node> outputs, const std::vector<std::string>& order)
    : class_name_(std::move(class_name)),
      name_(std::move(name)),
      inputs_(std::move(inputs)),
      outputs_(std::move(outputs)) {
  check_inputs();
  collect_calls();
  collect_members(order);
}

void Container::check_inputs() const {
  if (inputs_.empty() || outputs_.empty())
    throw ConfigError(place(), "expected at least one input and one output, got " +
                                   std::to_string(inputs_.size()) + " and " +
                                   std::to_string(outputs_.size()));
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    if (!outputs_[i])
      throw ConfigError(place(), "output " + std::to_string(i) + " is an empty node");
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i]) throw ConfigError(place(), "input " + std::to_string(i) + " is an empty node");
    if (!inputs_[i].call().is_input())
      throw ConfigError(
          place(),
          "expected inputs made by input(shape), got an output of '" + inputs_[i].name() + "'",
          "start the model at the input node that it comes from");
    if (std::find(inputs_.begin(), inputs_.begin() + static_cast<std::ptrdiff_t>(i), inputs_[i]) !=
        inputs_.begin() + static_cast<std::ptrdiff_t>(i))
      throw ConfigError(place(), "the input '" + inputs_[i].name() + "' is given twice",
                        "list every input once");
  }
}

void Container::collect_calls() {
  // Calls are numbered as they are made, so their order is an order of computation.
  std::map<std::uint64_t, std::shared_ptr<const Call>> found;
  std::vector<std::shared_ptr<const Call>> open;
  for (const Node& output : outputs_) open.push_back(output.call_pointer());
  while (!open.empty()) {
    const std::shared_ptr<const Call> call = open.back();
    open.pop_back();
    if (!found.emplace(call->serial, call).second) continue;
    for (const Node& node : call->inputs) open.push_back(node.call_pointer());
  }
  std::string missing;
  for (const auto& [serial, call] : found)
    if (call->is_input() && std::find(inputs_.begin(), inputs_.end(), Node(call)) == inputs_.end())
      missing += (missing.empty() ? "'" : ", '") + call->name() + "'";
  if (!missing.empty())
    throw ConfigError(place(), "the outputs need inputs that are not listed: " + missing,
                      "the graph is disconnected: add them to the model's inputs");
  for (const Node& node : inputs_) found.emplace(node.call().serial, node.call_pointer());
  for (const auto& [serial, call] : found) calls_.push_back(call);
}

void Container::collect_members(const std::vector<std::string>& order) {
  std::unordered_set<const void*> seen;
  for (const auto& call : calls_) {
    const void* const one = call->layer ? static_cast<const void*>(call->layer.get())
                                        : static_cast<const void*>(call->container.get());
    if (seen.insert(one).second) members_.push_back(member_of(*call));
  }
  if (!order.empty()) {
    std::unordered_map<std::string_view, std::size_t> place;
    for (std::size_t i = 0; i < order.size(); ++i) place.emplace(order[i], i);
    const auto rank = [&](const Member& member) {
      const auto found = place.find(member.name());
      return found == place.end() ? order.size() : found->second;
    };
    std::stable_sort(members_.begin(), members_.end(),
                     [&rank](const Member& a, const Member& b) { return rank(a) < rank(b); });
  }
  settle_names();
}

void Container::settle_names() {
  std::unordered_set<std::string> taken;
  std::vector<Layer*> again;  // numbered by two models that both go on here
  for (const Member& member : members_) {
    if (member.layer && !member.layer->name_settled()) continue;
    if (taken.insert(member.name()).second) continue;
    if (!member.layer || member.layer->made_up_prefix().empty())
      throw ConfigError(place(), "two layers have the name '" + member.name() + "'",
                        "give each layer of a model a name of its own");
    again.push_back(member.layer.get());
  }
  for (Layer* const layer : again) {
    std::string name;
    do name = detail::unique_name(layer->made_up_prefix());
    while (!taken.insert(name).second);
    layer->settle_name(name);
  }
  // Counted from 1 here, so that the same function builds the same names.
  std::unordered_map<std::string, std::size_t> counts;
  for (const Member& member : members_) {
    if (!member.layer || member.layer->name_settled()) continue;
    const std::string& prefix = member.layer->made_up_prefix();
    std::string name;
    do name = prefix + "_" + std::to_string(++counts[prefix]);
    while (!taken.insert(name).second);
    member.layer->settle_name(name);
  }
}

std::vector<LayerPtr> Container::flat_layers() const {
  std::unordered_set<const Layer*> found;
  std::vector<LayerPtr> layers;
  append_layers(*this, found, layers);
  return layers;
}

std::vector<const Call*> Container::calls_of(const Member& member) const {
  std::vector<const Call*> result;
  for (const auto& call : calls_)
    if (member_of(*call) == member) result.push_back(call.get());
  return result;
}

}  // namespace cornu
