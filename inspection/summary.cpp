#include "cornu/inspection/summary.hpp"

#include <algorithm>
#include <array>

#include "cornu/models/model.hpp"

namespace cornu {
namespace {

// Keras 1's table: columns end at 35, 55, 67 and 100 characters; longer texts are cut.
constexpr std::array<std::size_t, 4> column_ends{35, 55, 67, 100};

std::string row(const std::array<std::string, 4>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    line.resize(column_ends[i], ' ');
  }
  return line + "\n";
}

std::string rule(char c) { return std::string(column_ends.back(), c) + "\n"; }

std::string source_of(const Container& container, const Node& node) {
  const Member member{node.call().layer, std::const_pointer_cast<Container>(node.call().container)};
  const auto calls = container.calls_of(member);
  const auto index = std::find(calls.begin(), calls.end(), &node.call()) - calls.begin();
  return node.name() + "[" + std::to_string(index) + "][" + std::to_string(node.output()) + "]";
}

std::size_t params_of(const Member& member) {
  if (member.layer) return member.layer->count_params();
  std::size_t count = 0;
  for (const LayerPtr& layer : member.container->flat_layers()) count += layer->count_params();
  return count;
}

std::size_t frozen_of(const Container& container) {
  std::size_t count = 0;
  for (const Member& member : container.members()) {
    const bool frozen = member.layer ? !member.layer->trainable() : !member.container->trainable();
    if (frozen)
      count += params_of(member);
    else if (member.container)
      count += frozen_of(*member.container);
  }
  return count;
}

std::string rows_of(const Container& container, const Member& member) {
  const std::vector<const Call*> calls = container.calls_of(member);
  std::string shape = calls[0]->output_shapes[0].to_string_with_samples();
  for (const Call* call : calls)
    if (call->output_shapes != calls[0]->output_shapes) shape = "multiple";
  std::vector<std::string> sources;
  for (const Call* call : calls)
    for (const Node& node : call->inputs) sources.push_back(source_of(container, node));
  const std::string& class_name =
      member.layer ? member.layer->class_name() : member.container->class_name();
  std::string text = row({member.name() + " (" + class_name + ")", shape,
                          std::to_string(params_of(member)), sources.empty() ? "" : sources[0]});
  for (std::size_t i = 1; i < sources.size(); ++i) text += row({"", "", "", sources[i]});
  return text;
}

}  // namespace

std::string summary(const Model& model) {
  const std::shared_ptr<Container> graph = model.container();
  std::vector<Member> members;
  for (const Member& member : graph->members())
    if (model.class_name() != "Sequential" || member.container ||
        member.layer->class_name() != "InputLayer")
      members.push_back(member);
  std::string text =
      rule('_') + row({"Layer (type)", "Output Shape", "Param #", "Connected to"}) + rule('=');
  for (std::size_t i = 0; i < members.size(); ++i)
    text += rows_of(*graph, members[i]) + rule(i + 1 < members.size() ? '_' : '=');
  text += "Total params: " + std::to_string(model.count_params()) + "\n";
  if (const std::size_t frozen = model.trainable() ? frozen_of(*graph) : model.count_params();
      frozen != 0)
    text += "Frozen params: " + std::to_string(frozen) + "\n";
  return text + rule('_');
}

std::string Model::summary() const { return cornu::summary(*this); }

}  // namespace cornu
