#include "cornu/graph/execution.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/graph/closed_execution.hpp"

namespace cornu {
namespace {

constexpr std::size_t kept_sizes = 8;

}  // namespace

/// An execution for one set of sizes.
struct Execution::Sized {
  std::vector<Shape> inputs;  ///< sample shapes
  std::uint64_t used;         ///< the time of the last use
  detail::ClosedExecution execution;
};

Execution::Execution(std::shared_ptr<const FlatGraph> graph, Phase phase, std::size_t capacity,
                     const std::vector<OutputUse>& uses, const TrainedParameters* trained,
                     Array gradients, Sharing sharing)
    : graph_(std::move(graph)),
      settings_(std::make_unique<detail::ExecutionSettings>(
          detail::ExecutionSettings{phase, capacity, uses, trained, gradients, sharing})) {
  if (graph_->open) return;
  sized_.push_back(std::unique_ptr<Sized>(new Sized{{}, 0, {graph_, *settings_}}));
  now_ = &sized_.back()->execution;
}

Execution::~Execution() = default;

void Execution::set_sizes(std::span<const ConstView> inputs) {
  if (!graph_->open) return;
  ++clock_;
  const auto same = [](const Shape& sample, const ConstView& view) {
    return sample.rank() + 1 == view.shape.rank() &&
           std::equal(sample.begin(), sample.end(), view.shape.begin() + 1);
  };
  for (const auto& sized : sized_)
    if (std::equal(sized->inputs.begin(), sized->inputs.end(), inputs.begin(), inputs.end(),
                   same)) {
      sized->used = clock_;
      now_ = &sized->execution;
      return;
    }
  std::vector<Shape> shapes;
  for (const ConstView& input : inputs) shapes.push_back(input.shape.without_samples());
  auto graph = graph_->closed(shapes);
  auto made =
      std::unique_ptr<Sized>(new Sized{std::move(shapes), clock_, {std::move(graph), *settings_}});
  made->execution.measure(times_);
  if (sized_.size() < kept_sizes) {
    sized_.push_back(std::move(made));
    now_ = &sized_.back()->execution;
  } else {
    auto& least = *std::min_element(sized_.begin(), sized_.end(),
                                    [](const auto& a, const auto& b) { return a->used < b->used; });
    least = std::move(made);
    now_ = &least->execution;
  }
}

detail::ClosedExecution& Execution::now() const {
  if (now_ == nullptr)
    throw ConfigError("Execution", "expected set_sizes before a graph with open axes is run");
  return *now_;
}

const Plan& Execution::plan() const { return now().plan(); }
const FlatGraph& Execution::graph() const { return now_ ? now_->graph() : *graph_; }
std::size_t Execution::capacity() const noexcept { return settings_->capacity; }

void Execution::forward(std::span<const Scalar* const> inputs, std::size_t samples,
                        std::uint64_t seed, std::uint64_t step) {
  now().forward(inputs, samples, seed, step);
}

ConstView Execution::output(std::size_t o) const { return now().output(o); }
ConstView Execution::output_mask(std::size_t o) const { return now().output_mask(o); }
View Execution::output_gradient(std::size_t o) { return now().output_gradient(o); }
double Execution::activity_penalty() const { return now().activity_penalty(); }
void Execution::update_states() { now().update_states(); }
void Execution::backward() { now().backward(); }
ConstView Execution::value(std::size_t node) const { return now().value(node); }
ConstView Execution::gradient(std::size_t node) const { return now().gradient(node); }

void Execution::measure(std::vector<NodeTimes>* times) {
  times_ = times;
  for (const auto& sized : sized_) sized->execution.measure(times);
}

}  // namespace cornu
