#include "cornu/inspection/profile.hpp"

#include <array>
#include <cstdio>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// The operations of one sample's training step: the forward product, and one as large for the
/// weights' gradient and for the input's, where these are wanted.
double operations(const FlatGraph& graph, const Plan& plan, std::size_t i) {
  const FlatNode& node = graph.nodes[i];
  std::vector<Shape> inputs;
  for (const std::size_t input : node.inputs) inputs.push_back(graph.nodes[input].shape);
  const Plan::NodePlan& planned = plan.nodes()[i];
  double products = 1;
  if (planned.backward && node.trainable) ++products;
  for (const auto pass : planned.passes)
    if (pass != Plan::NodePlan::Pass::none) ++products;
  return 2 * products * node.layer->multiplications(inputs);
}

}  // namespace

std::string Profile::to_string() const {
  constexpr const char* format = "%-34.34s %12s %12s %8s %10s\n";
  std::array<char, 128> line;
  const auto row = [&line](const char* name, const char* forward, const char* backward,
                           const char* share, const char* flops) {
    std::snprintf(line.data(), line.size(), format, name, forward, backward, share, flops);
    return std::string(line.data());
  };
  const auto number = [](const char* how, double value) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), how, value);
    return std::string(text.data());
  };
  std::string text = row("Layer (type)", "forward us", "backward us", "share", "GFLOP/s") +
                     std::string(80, '=') + "\n";
  for (const Row& r : rows)
    text += row((r.name + " (" + r.class_name + ")").c_str(), number("%.1f", r.forward).c_str(),
                number("%.1f", r.backward).c_str(), number("%.1f %%", 100 * r.share).c_str(),
                r.flops > 0 ? number("%.1f", r.flops / 1e9).c_str() : "");
  return text + std::string(80, '=') + "\n" + number("%.1f us in all, ", total) +
         std::to_string(samples) + " samples\n";
}

Profile profile(Model& model, const Data& x, const Data& y, std::size_t repetitions) {
  const Batch batch = model.batch(x, y, {}, "profile");
  if (repetitions == 0) throw ConfigError("profile", "expected at least 1 repetition, got 0");
  const std::unique_ptr<TrainingFunction> function = model.trainer().function(Sharing::shared);
  const std::vector<NodeTimes> times = function->profile(batch, repetitions);
  const FlatGraph& graph = *model.graph();
  const Plan& plan = function->plan();
  Profile profile{.samples = batch.samples, .total = 0, .rows = {}};
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (graph.nodes[i].is_input()) continue;
    const double seconds = times[i].forward + times[i].backward;
    const double work = operations(graph, plan, i) * static_cast<double>(profile.samples);
    const Layer& layer = *graph.nodes[i].layer;
    profile.rows.push_back({layer.name(), layer.class_name(), times[i].forward * 1e6,
                            times[i].backward * 1e6, 0, seconds > 0 ? work / seconds : 0});
    profile.total += seconds * 1e6;
  }
  for (Profile::Row& row : profile.rows)
    row.share = profile.total > 0 ? (row.forward + row.backward) / profile.total : 0;
  return profile;
}

Profile Model::profile(const Data& x, const Data& y, std::size_t repetitions) {
  return cornu::profile(*this, x, y, repetitions);
}

}  // namespace cornu
