#include "cornu/inspection/gradient_check.hpp"

#include <algorithm>

namespace cornu {
namespace {

/// Puts the parameters back where they were, also when a layer throws.
class KeptParameters {
 public:
  explicit KeptParameters(const TrainedParameters& parameters) : parameters_(parameters) {
    for (const TrainedParameters::Entry& entry : parameters.entries)
      kept_.emplace_back(entry.variable->values.begin(), entry.variable->values.end());
  }
  ~KeptParameters() {
    for (std::size_t i = 0; i < kept_.size(); ++i)
      std::copy(kept_[i].begin(), kept_[i].end(), parameters_.entries[i].variable->values.begin());
  }
  KeptParameters(const KeptParameters&) = delete;
  KeptParameters& operator=(const KeptParameters&) = delete;

 private:
  const TrainedParameters& parameters_;
  std::vector<std::vector<Scalar>> kept_;
};

}  // namespace

GradientReport gradient_check(Model& model, const Data& x, const Data& y,
                              const GradientCheckOptions& options, const Data& sample_weight) {
  const Batch batch = model.batch(x, y, sample_weight, "gradient_check");
  // A trainer of its own, with the plan that training uses: what shares memory is checked, too.
  const std::unique_ptr<Trainer> trainer = model.trainer().twin(Sharing::shared);
  trainer->loss_and_gradients(batch);
  const std::vector<Scalar> gradients(trainer->gradients().begin(), trainer->gradients().end());
  const KeptParameters kept(trainer->parameters());
  GradientComparison comparison(options);
  for (const TrainedParameters::Entry& entry : trainer->parameters().entries)
    comparison.compare(entry.variable->name, entry.variable->shape, entry.variable->values,
                       ConstArray(gradients).subspan(entry.offset, entry.variable->shape.size()),
                       [&] { return trainer->training_loss(batch); });
  return comparison.report();
}

}  // namespace cornu
