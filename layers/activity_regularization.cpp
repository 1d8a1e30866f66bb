#include "cornu/layers/activity_regularization.hpp"

#include "cornu/layers/copy.hpp"

namespace cornu {

void ActivityRegularizationOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("l1", l1, Range::at_least(0), "the factor of |y|");
  fields.field("l2", l2, Range::at_least(0), "the factor of y^2");
}

ActivityRegularization::ActivityRegularization(ActivityRegularizationOptions options)
    : ConfiguredLayer("ActivityRegularization", std::move(options)),
      penalty_(activity_l1l2(options_.l1, options_.l2)) {}

Traits ActivityRegularization::traits() const {
  return {.reads_input = false, .in_place = true, .mask = MaskRule::pass, .causal = true};
}

Shape ActivityRegularization::build(const Shape& input, Builder&) const { return input; }

void ActivityRegularization::forward(const Forward& run) const { detail::copy(run.x(), run.y); }

void ActivityRegularization::backward(const Backward& run) const {
  if (run.dx()) detail::copy(run.dy, run.dx());
}

std::vector<LayerExample> ActivityRegularization::examples() {
  return {{std::make_shared<ActivityRegularization>(
               ActivityRegularizationOptions{.l1 = 0.1, .l2 = 0.2}),
           {Shape{3}}},
          {std::make_shared<ActivityRegularization>(), {Shape{2, 2}}}};
}

}  // namespace cornu
