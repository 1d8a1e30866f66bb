#include "cornu/layers/affine_layer.hpp"

#include "cornu/layers/affine.hpp"
#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/layers/fused_activation.hpp"
#include "cornu/layers/input_dim.hpp"
#include "cornu/layers/time_distributed_dense.hpp"

namespace cornu {

template <class O>
Traits AffineLayer<O>::traits() const {
  return {.reads_input = true,
          .reads_output = detail::activation_reads_output(options_.activation),
          .assigns = true,
          .mask = rule_.mask,
          .causal = rule_.rank == 2};
}

template <class O>
Shape AffineLayer<O>::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, rule_.rank, rule_.form, rule_.help);
  std::vector<std::size_t> sizes(input.begin(), input.end());
  sizes.back() = options_.output_dim;
  const Shape output(sizes);
  options_.activation.function().check(output);
  detail::declare_affine(builder, options_, {W, b}, Shape{input.back(), options_.output_dim},
                         Shape{options_.output_dim});
  detail::declare_activation(options_.activation, output.size(), builder);
  return output;
}

template <class O>
void AffineLayer<O>::forward(const Forward& run) const {
  // z = x W + b
  const View z = detail::before_activation(options_.activation, run);
  detail::affine(run.x(), run[W], run[b], z);
  // y = activation(z)
  detail::activate(options_.activation, z, run.y);
}

template <class O>
void AffineLayer<O>::backward(const Backward& run) const {
  // dz = dy * activation'(z)
  const ConstView dz = detail::activation_gradient(options_.activation, run);
  // dW += xᵀ dz, db += the sum of dz over the rows, dx = dz Wᵀ
  detail::affine_backward(run.x(), run[W], dz, run.gradient(W), run.gradient(b), run.dx(), false,
                          run.assign_gradients);
}

template class AffineLayer<DenseOptions>;
template class AffineLayer<TimeDistributedDenseOptions>;

}  // namespace cornu
