#include "cornu/inspection/memory.hpp"

#include <array>
#include <cstdio>
#include <set>

#include "cornu/core/error.hpp"
#include "cornu/models/model.hpp"

namespace cornu {
namespace {

std::string row(const char* name, std::size_t bytes, const char* note = "") {
  std::array<char, 128> line;
  std::snprintf(line.data(), line.size(), "%-24s %14zu %12.2f%s\n", name, bytes,
                static_cast<double>(bytes) / (1 << 20), note);
  return line.data();
}

/// The numbers of all layers' parameters and states, shared layers counted once.
std::size_t weights_of(const FlatGraph& graph) {
  std::set<const Layer*> seen;
  std::size_t count = 0;
  for (const FlatNode& node : graph.nodes) {
    if (!seen.insert(node.layer.get()).second) continue;
    for (const auto* kind :
         {&node.layer->variables()->parameters, &node.layer->variables()->states})
      for (const Variable& variable : *kind) count += variable.values.size();
  }
  return count;
}

}  // namespace

std::string Memory::to_string() const {
  const std::string rule = std::string(52, '=') + "\n";
  std::string text = "Batches of " + std::to_string(batch_size) +
                     "                    bytes          MiB\n" + rule;
  text += row("weights", weights);
  if (training_arena != 0) {
    text += row("gradients", gradients) + row("optimizer", optimizer);
    text += row("arena of a training step", training_arena);
    text += row("  every array on its own", training_unshared);
  }
  text += row("arena of a prediction", prediction_arena) + rule;
  if (training_arena != 0) text += row("fit", training());
  return text + row("predict", prediction());
}

Memory memory(const Model& model, std::size_t batch_size) {
  const FlatGraph& graph = *model.graph();
  if (batch_size == 0) throw ConfigError("memory", "expected a batch of at least 1, got 0");
  constexpr std::size_t number = sizeof(Scalar);
  Memory memory{.batch_size = batch_size,
                .weights = weights_of(graph) * number,
                .prediction_arena = Plan(graph, Phase::predict, batch_size).arena_size() * number};
  if (!model.compiled()) return memory;
  const Trainer& trainer = model.trainer();
  const Plan plan = trainer.plan_for(batch_size);
  memory.gradients = trainer.parameters().size * number;
  memory.optimizer = trainer.slots().size() * trainer.parameters().size * number;
  memory.training_arena = plan.arena_size() * number;
  memory.training_unshared = plan.unshared_size() * number;
  return memory;
}

Memory Model::memory(std::size_t batch_size) const { return cornu::memory(*this, batch_size); }

}  // namespace cornu
