#include "cornu/layers/srelu.hpp"

#include <cmath>

namespace cornu {
namespace {

Scalar sign(Scalar v) { return static_cast<Scalar>(v > 0) - static_cast<Scalar>(v < 0); }

}  // namespace

void SReLUOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("t_left_init", t_left_init, "how the left bends start");
  fields.field("a_left_init", a_left_init, "how the slopes left of them start");
  fields.field("t_right_init", t_right_init, "how the distances to the right bends start");
  fields.field("a_right_init", a_right_init, "how the slopes right of them start");
}

SReLU::SReLU(SReLUOptions options) : ConfiguredLayer("SReLU", std::move(options)) {}

Traits SReLU::traits() const { return {.mask = MaskRule::pass}; }

Shape SReLU::build(const Shape& input, Builder& builder) const {
  builder.parameter(Slots::t_left, input, options_.t_left_init);
  builder.parameter(Slots::a_left, input, options_.a_left_init);
  builder.parameter(Slots::t_right, input, options_.t_right_init);
  builder.parameter(Slots::a_right, input, options_.a_right_init);
  return input;
}

void SReLU::forward(const Forward& run) const {
  const ConstArray t_left = run[Slots::t_left], a_left = run[Slots::a_left];
  const ConstArray t_right = run[Slots::t_right], a_right = run[Slots::a_right];
  const std::size_t size = t_left.size();
  for (std::size_t i = 0; i < run.y.size(); ++i) {
    const std::size_t j = i % size;
    const Scalar v = run.x().data[i] - t_left[j], width = std::abs(t_right[j]);
    const Scalar r = v > 0 ? v : a_left[j] * v;
    const Scalar beyond = v - width > 0 ? v - width : 0;
    run.y.data[i] = t_left[j] + (r < width ? r : width) + a_right[j] * beyond;
  }
}

void SReLU::backward(const Backward& run) const {
  const ConstArray t_left = run[Slots::t_left], a_left = run[Slots::a_left];
  const ConstArray t_right = run[Slots::t_right], a_right = run[Slots::a_right];
  const Array dt_left = run.gradient(Slots::t_left), da_left = run.gradient(Slots::a_left);
  const Array dt_right = run.gradient(Slots::t_right), da_right = run.gradient(Slots::a_right);
  const std::size_t size = t_left.size();
  for (std::size_t i = 0; i < run.dy.size(); ++i) {
    const std::size_t j = i % size;
    const Scalar dy = run.dy.data[i];
    const Scalar v = run.x().data[i] - t_left[j], width = std::abs(t_right[j]);
    const bool left = !(v > 0), inside = (left ? a_left[j] * v : v) < width;
    const bool right = v - width > 0;
    // y = t_left + min(r, width) + a_right * beyond; dv by way of r, then of `beyond`
    const Scalar dr = inside ? dy : 0;
    const Scalar dv = (left ? a_left[j] * dr : dr) + (right ? a_right[j] * dy : 0);
    const Scalar dwidth = (inside ? 0 : dy) - (right ? a_right[j] * dy : 0);
    // v = x - t_left, width = |t_right|
    if (!dt_left.empty()) dt_left[j] += dy - dv;
    if (!da_left.empty() && left) da_left[j] += dr * v;
    if (!dt_right.empty()) dt_right[j] += dwidth * sign(t_right[j]);
    if (!da_right.empty() && right) da_right[j] += dy * (v - width);
    if (run.dx()) run.dx().data[i] = dv;
  }
}

std::vector<LayerExample> SReLU::examples() {
  return {{std::make_shared<SReLU>(), {Shape{6}}},
          {std::make_shared<SReLU>(SReLUOptions{.t_left_init = "normal", .a_left_init = "one"}),
           {Shape{2, 3}}}};
}

}  // namespace cornu
