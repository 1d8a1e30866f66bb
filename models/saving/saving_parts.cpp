#include "cornu/models/saving/saving_parts.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/graph/plan.hpp"
#include "cornu/graph/variables.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/models/model_impl.hpp"
#include "cornu/models/saving/model_json.hpp"

namespace cornu::detail {

namespace {

/// The layers and containers of a model, each once, from the outermost inwards, in an order that
/// only depends on what the model is: the same before saving and after loading.
void visit_members(const Container& container, std::vector<std::string>& path,
                   std::unordered_set<const void*>& seen,
                   const std::function<void(const std::vector<std::string>&, const Member&)>& see) {
  for (const Member& member : container.members()) {
    const void* const one = member.layer ? static_cast<const void*>(member.layer.get())
                                         : static_cast<const void*>(member.container.get());
    if (!seen.insert(one).second) continue;
    see(path, member);
    if (!member.container) continue;
    path.push_back(member.name());
    visit_members(*member.container, path, seen, see);
    path.pop_back();
  }
}

void visit_members(const Model& model,
                   const std::function<void(const std::vector<std::string>&, const Member&)>& see) {
  std::vector<std::string> path;
  std::unordered_set<const void*> seen;
  visit_members(*model.container(), path, seen, see);
}

/// A weight and its name in files: its own, or where several have that one, with the names of the
/// models around it in front: "encoder/dense_1_W".
using NamedVariables = std::vector<std::pair<std::string, const Variable*>>;

NamedVariables named_variables(const Model& model) {
  NamedVariables result;
  std::vector<std::string> around;  // for each of them
  std::unordered_map<std::string, std::size_t> count;
  visit_members(model, [&](const std::vector<std::string>& path, const Member& member) {
    if (!member.layer) return;
    std::string prefix;
    for (const std::string& name : path) prefix += name + "/";
    for (const auto* kind :
         {&member.layer->variables()->parameters, &member.layer->variables()->states})
      for (const Variable& variable : *kind) {
        result.emplace_back(variable.name, &variable);
        around.push_back(prefix);
        ++count[variable.name];
      }
  });
  std::unordered_set<std::string> taken;
  for (std::size_t i = 0; i < result.size(); ++i) {
    std::string& name = result[i].first;
    if (count[name] > 1) name = around[i] + name;
    // A name may look like that of another one within a model. In order, they are told apart.
    const std::string wanted = name;
    for (std::size_t again = 2; !taken.insert(name).second; ++again)
      name = wanted + "~" + std::to_string(again);
  }
  return result;
}

}  // namespace

std::vector<NamedTarget> variables_of(const Model& model) {
  std::vector<NamedTarget> result;
  for (const auto& [name, variable] : named_variables(model))
    result.push_back({name, variable->shape, variable->values});
  return result;
}

std::vector<NamedTarget> accumulators_of(const Model& model, Trainer& trainer) {
  std::vector<NamedTarget> result;
  const std::vector<std::string> slots = trainer.optimizer().slot_names();
  if (slots.empty()) return result;
  std::unordered_map<const Variable*, std::string> names;
  for (auto& [name, variable] : named_variables(model)) names.emplace(variable, name);
  for (const TrainedParameters::Entry& entry : trainer.parameters().entries)
    for (std::size_t s = 0; s < slots.size(); ++s)
      result.push_back(
          {names.at(entry.variable) + "/" + slots[s], entry.variable->shape,
           trainer.slots()[s].array().subspan(entry.offset, entry.variable->values.size())});
  return result;
}

std::vector<bool> trainable_flags(const Model& model) {
  std::vector<bool> flags = {model.trainable()};
  visit_members(model, [&flags](const std::vector<std::string>&, const Member& member) {
    flags.push_back(member.layer ? member.layer->trainable() : member.container->trainable());
  });
  return flags;
}

void set_trainable_flags(Model& model, const std::vector<bool>& flags) {
  std::size_t next = 0;
  model.set_trainable(flags[next++]);
  visit_members(model, [&](const std::vector<std::string>&, const Member& member) {
    const bool flag = flags[next++];
    if (member.layer)
      member.layer->set_trainable(flag);
    else
      member.container->set_trainable(flag);
  });
}

void check_savable(const Model& model) {
  std::set<std::string> known;
  visit_members(model, [&known](const std::vector<std::string>&, const Member& member) {
    if (!member.layer || member.layer->class_name() == "InputLayer") return;
    if (!known.insert(member.layer->class_name()).second) return;
    try {
      find_layer_class(member.layer->class_name(), "save");
    } catch (const ConfigError&) {
      throw ConfigError(member.layer->place(),
                        "the model cannot be saved: no file can be read back with a class that is "
                        "not registered",
                        "register_layer<" + member.layer->class_name() + ">(\"" +
                            member.layer->class_name() + "\") before");
    }
  });
  const std::size_t calls = model.graph()->nodes.size();
  if (calls > LoadLimits{}.calls)
    throw ConfigError(model.name(), "the model cannot be saved: it comes to " +
                                        std::to_string(calls) + " calls of layers, a file to " +
                                        std::to_string(LoadLimits{}.calls) + " at most");
}

double sample_operations(const FlatGraph& graph) {
  double operations = 0;
  for (const FlatNode& node : graph.nodes) {
    std::vector<Shape> shapes;
    double numbers = static_cast<double>(node.shape.size());
    for (const std::size_t input : node.inputs) {
      shapes.push_back(graph.nodes[input].shape);
      numbers += static_cast<double>(shapes.back().size());
    }
    if (node.inputs.empty()) continue;
    operations += std::max(node.layer->multiplications(shapes), numbers);
  }
  return operations;
}

}  // namespace cornu::detail
