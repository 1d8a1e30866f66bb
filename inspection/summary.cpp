#include "cornu/inspection/summary.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "cornu/core/terminal.hpp"
#include "cornu/inspection/table.hpp"
#include "cornu/models/model.hpp"

namespace cornu {
namespace {

struct Counts {
  std::size_t all = 0, frozen = 0;
};

/// The trained numbers of all layers in a container, shared ones once.
Counts counts_of(const Container& container, bool frozen) {
  Counts counts;
  std::unordered_set<const Layer*> seen;
  std::vector<std::pair<const Container*, bool>> open{{&container, frozen}};
  while (!open.empty()) {
    const auto [next, around] = open.back();
    open.pop_back();
    for (const Member& member : next->members()) {
      if (member.container) {
        open.emplace_back(member.container.get(), around || !member.container->trainable());
      } else if (seen.insert(member.layer.get()).second) {
        const std::size_t count = member.layer->count_params();
        counts.all += count;
        if (around || !member.layer->trainable()) counts.frozen += count;
      }
    }
  }
  return counts;
}

/// The calls in a container by what they call, each with its number among them: Keras's node index.
class Calls {
 public:
  explicit Calls(const Container& container) {
    for (const auto& call : container.calls()) {
      std::vector<const Call*>& calls = calls_[called(*call)];
      numbers_[call.get()] = calls.size();
      calls.push_back(call.get());
    }
  }

  const std::vector<const Call*>& of(const Member& member) const {
    const void* key = member.layer ? static_cast<const void*>(member.layer.get())
                                   : static_cast<const void*>(member.container.get());
    return calls_.at(key);
  }
  /// "dense_1[0][0]"
  std::string source(const Node& node) const {
    return node.name() + "[" + std::to_string(numbers_.at(&node.call())) + "][" +
           std::to_string(node.output()) + "]";
  }

 private:
  static const void* called(const Call& call) {
    return call.layer ? static_cast<const void*>(call.layer.get())
                      : static_cast<const void*>(call.container.get());
  }

  std::unordered_map<const void*, std::vector<const Call*>> calls_;
  std::unordered_map<const Call*, std::size_t> numbers_;
};

void add_member(detail::Table& table, const Calls& all, const Member& member) {
  const std::vector<const Call*>& calls = all.of(member);
  std::string shape = calls[0]->output_shapes[0].to_string_with_samples();
  for (const Call* call : calls)
    if (call->output_shapes != calls[0]->output_shapes) shape = "multiple";
  std::vector<std::string> sources;
  for (const Call* call : calls)
    for (const Node& node : call->inputs) sources.push_back(all.source(node));
  const std::string& class_name =
      member.layer ? member.layer->class_name() : member.container->class_name();
  const std::size_t count =
      member.layer ? member.layer->count_params() : counts_of(*member.container, false).all;
  table.add({member.name() + " (" + class_name + ")", shape, std::to_string(count),
             sources.empty() ? "" : sources[0]});
  for (std::size_t i = 1; i < sources.size(); ++i) table.add({"", "", "", sources[i]});
}

std::size_t columns_here() {
  const std::size_t columns = terminal::columns(stdout);
  return columns == 0 ? 80 : std::min<std::size_t>(columns, 100);
}

}  // namespace

std::string summary(const Model& model, std::size_t columns) {
  const std::shared_ptr<Container> graph = model.container();
  const Calls calls(*graph);
  detail::Table table({"Layer (type)", "Output Shape", "Param #", "Connected to"});
  for (const Member& member : graph->members())
    if (model.class_name() != "Sequential" || member.container ||
        member.layer->class_name() != "InputLayer")
      add_member(table, calls, member);
  const Counts counts = counts_of(*graph, !model.trainable());
  std::string text = table.to_string(columns == 0 ? columns_here() : columns);
  const std::size_t width = text.find('\n');
  text += "Total params: " + std::to_string(counts.all) + "\n";
  if (counts.frozen != 0) text += "Frozen params: " + std::to_string(counts.frozen) + "\n";
  return text + std::string(width, '_') + "\n";
}

std::string Model::summary() const { return cornu::summary(*this); }

}  // namespace cornu
