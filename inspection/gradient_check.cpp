#include "cornu/inspection/gradient_check.hpp"

namespace cornu {

GradientReport gradient_check(Model& model, const Data& x, const Data& y,
                              const GradientCheckOptions& options, const Data& sample_weight) {
  const Batch batch = model.batch(x, y, sample_weight, "gradient_check");
  // A function of its own, with the plan that training uses: what shares memory is checked, too.
  const std::unique_ptr<TrainingFunction> function = model.trainer().function(Sharing::shared);
  std::vector<CheckedArray> arrays;
  for (const TrainedParameters::Entry& entry : function->parameters().entries)
    arrays.push_back({entry.variable->name, entry.variable->shape, entry.variable->values,
                      function->gradients().subspan(entry.offset, entry.variable->shape.size())});
  return compare_gradients(
      arrays, [&] { return function->training_loss(batch); },
      [&] { function->loss_and_gradients(batch); }, options);
}

}  // namespace cornu
