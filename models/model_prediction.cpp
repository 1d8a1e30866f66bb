#include <algorithm>
#include <cmath>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/models/model_impl.hpp"

namespace cornu {

RunLease::RunLease(Model::Impl& impl, std::size_t samples) : impl_(impl) {
  {
    const std::scoped_lock lock(impl_.mutex);
    auto best = impl_.idle.end();
    for (auto run = impl_.idle.begin(); run != impl_.idle.end(); ++run) {
      const std::size_t capacity = (*run)->execution.capacity();
      if (capacity >= samples &&
          (best == impl_.idle.end() || capacity < (*best)->execution.capacity()))
        best = run;
    }
    if (best != impl_.idle.end()) {
      std::swap(*best, impl_.idle.back());
      run_ = std::move(impl_.idle.back());
      impl_.idle.pop_back();
    } else {
      // Room to give the new run back without allocating in a destructor.
      impl_.idle.reserve(impl_.idle.size() + 8);
    }
  }
  if (!run_) run_ = std::make_unique<PredictionRun>(impl_.graph, samples);
}

RunLease::~RunLease() {
  const std::scoped_lock lock(impl_.mutex);
  // A run that found no room goes: there are more threads than ever before, at worst it is remade.
  if (impl_.idle.size() < impl_.idle.capacity()) impl_.idle.push_back(std::move(run_));
}

namespace {

void run_rows(PredictionRun& run, std::size_t first, std::size_t count) {
  run.pointers.resize(run.views.size());
  for (std::size_t i = 0; i < run.views.size(); ++i)
    run.pointers[i] =
        run.views[i].data + first * (run.views[i].size() / run.views[i].shape.front());
  run.execution.set_sizes(run.views);
  run.execution.forward(run.pointers, count);
}

void copy_output(const PredictionRun& run, std::size_t output, Scalar* to) {
  const ConstView value = run.execution.output(output);
  std::copy(value.data, value.data + value.size(), to);
}

}  // namespace

std::vector<Tensor> Model::predict_all(const Data& x, const PredictOptions& options) const {
  ready();
  if (options.batch_size == 0)
    throw ConfigError("predict", "expected batch_size of at least 1, got 0");
  std::vector<ConstView> views;
  const std::size_t samples = arrange(x, impl_->input_slots, "predict", "input", true, views);
  const CarriedUse use(impl_->graph->carried.get());
  std::vector<Tensor> outputs;
  if (samples == 0 || !impl_->graph->open)
    for (const DataSlot& slot : impl_->output_slots)
      outputs.emplace_back(slot.shape.with_samples(samples));
  if (samples == 0) return outputs;
  const std::size_t fixed = fixed_batch(impl_->input_slots);
  check_fixed_batches(impl_->input_slots, samples, fixed, "predict");
  const std::size_t batch = std::min(fixed != 0 ? fixed : options.batch_size, samples);
  const RunLease run(*impl_, batch);
  run->views = views;
  for (std::size_t first = 0; first < samples; first += batch) {
    run_rows(*run.operator->(), first, std::min(batch, samples - first));
    for (std::size_t o = outputs.size(); o < impl_->output_slots.size(); ++o)  // open until now
      outputs.emplace_back(run->execution.output(o).shape.without_samples().with_samples(samples));
    for (std::size_t o = 0; o < outputs.size(); ++o)
      copy_output(*run.operator->(), o, outputs[o].data() + first * (outputs[o].size() / samples));
  }
  return outputs;
}

Tensor Model::predict(const Data& x, const PredictOptions& options) const {
  if (ready().output_slots.size() != 1)
    throw ConfigError("predict",
                      "the model has " + std::to_string(ready().output_slots.size()) + " outputs",
                      "use predict_all, which answers one tensor an output");
  return std::move(predict_all(x, options)[0]);
}

Tensor Model::predict_on_batch(const Data& x) const {
  const std::size_t samples = x.empty() ? 1 : x[0].shape().front();
  return predict(x, {.batch_size = std::max<std::size_t>(samples, 1)});
}

void Model::predict_on_batch(const Data& x, Tensor& output) const {
  ready();
  if (impl_->output_slots.size() != 1)
    throw ConfigError("predict_on_batch", "expected a model of one output");
  const std::size_t rows = x.empty() ? 0 : x[0].shape().front();
  const RunLease run(*impl_, std::max<std::size_t>(rows, 1));
  const std::size_t samples =
      arrange(x, impl_->input_slots, "predict_on_batch", "input", true, run->views);
  Shape expected = impl_->output_slots[0].shape.with_samples(samples);
  if (impl_->graph->open && samples != 0) {
    run->execution.set_sizes(run->views);
    const FlatGraph& graph = run->execution.graph();
    expected = graph.nodes[graph.outputs[0]].shape.with_samples(samples);
  }
  if (!(output.shape() == expected))
    throw ShapeError("predict_on_batch", "expected an output tensor of shape " +
                                             expected.to_string() + ", got " +
                                             output.shape().to_string());
  if (samples == 0) return;
  if (fixed_batch(impl_->input_slots) != 0)  // otherwise not even the place's name takes memory
    check_fixed_batches(impl_->input_slots, samples, samples, "predict_on_batch");
  run_rows(*run.operator->(), 0, samples);
  copy_output(*run.operator->(), 0, output.data());
}

Tensor Model::predict_proba(const Data& x, const PredictOptions& options) const {
  Tensor result = predict(x, options);
  if (std::any_of(result.begin(), result.end(), [](Scalar p) { return p < 0 || p > 1; }))
    log::warning(
        "predict_proba: some values are not probabilities; end the model with softmax or "
        "sigmoid");
  return result;
}

std::vector<std::size_t> Model::predict_classes(const Data& x,
                                                const PredictOptions& options) const {
  const Tensor scores = predict(x, options);
  const std::size_t columns = scores.shape().back();
  std::vector<std::size_t> classes;
  const auto nan =
      std::find_if(scores.begin(), scores.end(), [](Scalar score) { return std::isnan(score); });
  if (nan != scores.end())
    throw NumericError(
        "predict_classes",
        "the output of sample " +
            std::to_string((nan - scores.begin()) / static_cast<std::ptrdiff_t>(columns)) +
            " is NaN",
        "look for missing values in the data or the weights");
  for (const Scalar* row = scores.begin(); row != scores.end(); row += columns)
    classes.push_back(columns == 1
                          ? (row[0] > Scalar(0.5) ? 1 : 0)
                          : static_cast<std::size_t>(std::max_element(row, row + columns) - row));
  return classes;
}

}  // namespace cornu
