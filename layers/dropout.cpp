#include "cornu/layers/dropout.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/layers/copy.hpp"

namespace cornu {

void DropoutOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("p", p, Range::half_open(0, 1), "the probability of a number to be dropped");
}

Dropout::Dropout(DropoutOptions options) : ConfiguredLayer("Dropout", std::move(options)) {}

Traits Dropout::traits() const {
  const bool drops = options_.p > 0;
  return {.reads_input = false,
          .in_place = true,
          .random = drops,
          .training_differs = drops,
          .mask = MaskRule::pass};
}

Shape Dropout::build(const Shape& input, Builder& builder) const {
  if (options_.p > 0) builder.cache(keep, input.size());
  return input;
}

void Dropout::forward(const Forward& run) const {
  if (!run.training || options_.p == 0) return detail::copy(run.x(), run.y);
  Scalar* const factors = run[keep].data();
  const Scalar kept = static_cast<Scalar>(1 / (1 - options_.p));
  // 32 random bits a number: u < p * 2^32 happens with probability p, to within 2^-33.
  const auto threshold = static_cast<std::uint64_t>(std::llround(options_.p * 0x1p32));
  RandomStream random = run.random;
  std::array<std::uint32_t, 512> words;
  for (std::size_t first = 0; first < run.y.size(); first += words.size()) {
    const std::size_t count = std::min(words.size(), run.y.size() - first);
    random.fill_bits(std::span(words).first(count));
    for (std::size_t i = 0; i < count; ++i) factors[first + i] = words[i] < threshold ? 0 : kept;
  }
  kernels::multiply(run.x().data, factors, run.y.data, run.y.size());
}

void Dropout::backward(const Backward& run) const {
  if (!run.dx()) return;
  if (options_.p == 0) return detail::copy(run.dy, run.dx());
  // dx = dy * keep
  kernels::multiply(run.dy.data, run[keep].data(), run.dx().data, run.dy.size());
}

std::vector<LayerExample> Dropout::examples() {
  return {{std::make_shared<Dropout>(DropoutOptions{.p = 0.4}), {Shape{5}}},
          {std::make_shared<Dropout>(DropoutOptions{.p = 0.5}), {Shape{2, 3}}},
          {std::make_shared<Dropout>(DropoutOptions{.p = 0}), {Shape{4}}}};
}

}  // namespace cornu
