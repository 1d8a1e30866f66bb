#include "cornu/training/metrics/metric_set.hpp"

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// The weight of each row of p (N, ..., D): its sample's or time step's times the mask's.
ConstArray weigh_rows(ConstView p, ConstView mask, ConstView weights, AlignedArray& to) {
  const std::size_t rows = p.shape.rows();
  if (to.size() < rows) to = AlignedArray(rows);
  const std::size_t rows_per_weight = weights ? rows / weights.size() : 1;
  const std::size_t rows_per_step = mask ? rows / mask.size() : 1;
  for (std::size_t r = 0; r < rows; ++r)
    to.data()[r] = (weights ? weights.data[r / rows_per_weight] : Scalar{1}) *
                   (mask ? mask.data[r / rows_per_step] : Scalar{1});
  return to.array().first(rows);
}

}  // namespace

MetricSet::MetricSet(const FlatGraph& graph, const std::vector<OutputTraining>& outputs) {
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    const OutputTraining& setting = outputs[o];
    const MetricContext context{
        graph.nodes[graph.outputs[o]].shape, std::string(setting.objective->name()), {}};
    const std::string prefix = outputs.size() > 1 ? setting.name + "_" : "";
    for (const std::string& metric : setting.metrics)
      entries_.push_back({o, prefix, make_metric(metric, context), false});
    for (const std::string& metric : setting.weighted_metrics) {
      entries_.push_back({o, prefix + "weighted_", make_metric(metric, context), true});
      if (!entries_.back().metric->takes_weights())
        throw ConfigError("compile", "the metric '" + metric + "' takes no sample weights",
                          "name it in metrics, not in weighted_metrics");
    }
  }
}

std::vector<std::string> MetricSet::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_)
    names.push_back(entry.prefix + std::string(entry.metric->label()));
  return names;
}

void MetricSet::reset() {
  for (const Entry& entry : entries_) entry.metric->reset();
}

void MetricSet::update(const Batch& batch, const Execution& run, Scores& scores, std::size_t at) {
  for (const Entry& entry : entries_) {
    const std::size_t o = entry.output;
    const ConstView p = run.output(o);
    if (entry.weighted) {
      const ConstView weights =
          o < batch.sample_weight.size() ? batch.sample_weight[o] : ConstView{};
      entry.metric->update_weighted(batch.y[o], p,
                                    weigh_rows(p, run.output_mask(o), weights, weights_));
    } else {
      entry.metric->update(batch.y[o], p);
    }
    scores.set(at++, entry.metric->value());
  }
}

std::vector<MetricState> MetricSet::states() const {
  std::vector<MetricState> states;
  for (const Entry& entry : entries_)
    states.push_back({entry.metric->state(), entry.metric->state_arrays()});
  return states;
}

void MetricSet::set_states(const std::vector<MetricState>& states) {
  if (states.size() != entries_.size())
    throw FormatError("metrics", "expected the states of " + std::to_string(entries_.size()) +
                                     " metrics, got " + std::to_string(states.size()));
  for (std::size_t i = 0; i < states.size(); ++i) {
    entries_[i].metric->set_state(states[i].numbers);
    entries_[i].metric->set_state_arrays(states[i].arrays);
  }
}

}  // namespace cornu
