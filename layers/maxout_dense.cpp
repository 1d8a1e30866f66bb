#include "cornu/layers/maxout_dense.hpp"

#include "cornu/layers/affine.hpp"
#include "cornu/layers/affine_options.hpp"
#include "cornu/layers/copy.hpp"
#include "cornu/layers/input_dim.hpp"

namespace cornu {
namespace {

/// The array of one k out of those of all; of none, none.
template <class Numbers>
Numbers part(Numbers all, std::size_t k, std::size_t length) {
  return all.empty() ? all : all.subspan(k * length, length);
}

}  // namespace

void MaxoutDenseOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("output_dim", output_dim, Range::at_least(1), "M, the number of units");
  fields.field("init", init, "how W starts");
  fields.field("nb_feature", nb_feature, Range::at_least(1), "K, linear functions a unit");
  detail::describe_affine(fields, *this, "the values of W (K, D, M) and b (K, M) to start from");
}

MaxoutDense::MaxoutDense(MaxoutDenseOptions options)
    : ConfiguredLayer("MaxoutDense", detail::with_input_dim("MaxoutDense", std::move(options))) {}

Traits MaxoutDense::traits() const { return {}; }

Shape MaxoutDense::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, 1, "(N, D)", "flatten the input first");
  const std::size_t K = options_.nb_feature, D = input[0], M = options_.output_dim;
  detail::declare_affine(builder, options_, {W, b}, Shape{K, D, M}, Shape{K, M});
  builder.cache(largest, M);
  builder.workspace(z, M);
  builder.workspace(dz, M);
  return Shape{M};
}

void MaxoutDense::forward(const Forward& run) const {
  const std::size_t K = options_.nb_feature, M = options_.output_dim, size = run.y.size();
  const std::size_t DM = run[W].size() / K;
  const View z_k{run[z].data(), run.y.shape};
  const Array kept = run[largest];  // empty when testing
  for (std::size_t k = 0; k < K; ++k) {
    // z_k = x W_k + b_k, the first straight into y
    detail::affine(run.x(), part(run[W], k, DM), part(run[b], k, M), k == 0 ? run.y : z_k);
    for (std::size_t i = 0; i < size; ++i) {
      if (k > 0 && !(z_k.data[i] > run.y.data[i])) continue;
      if (k > 0) run.y.data[i] = z_k.data[i];
      if (!kept.empty()) kept[i] = static_cast<Scalar>(k);
    }
  }
}

void MaxoutDense::backward(const Backward& run) const {
  const std::size_t K = options_.nb_feature, M = options_.output_dim, size = run.dy.size();
  const std::size_t DM = run[W].size() / K;
  const ConstArray kept = run[largest];
  const View dz_k{run[dz].data(), run.dy.shape};
  for (std::size_t k = 0; k < K; ++k) {
    // dz_k = dy where z_k was the largest, else 0
    for (std::size_t i = 0; i < size; ++i)
      dz_k.data[i] = kept[i] == static_cast<Scalar>(k) ? run.dy.data[i] : 0;
    // dW_k += xᵀ dz_k, db_k += the sum of dz_k, dx = the sum over k of dz_k W_kᵀ
    detail::affine_backward(run.x(), part(run[W], k, DM), dz_k, part(run.gradient(W), k, DM),
                            part(run.gradient(b), k, M), run.dx(), k > 0);
  }
}

std::vector<LayerExample> MaxoutDense::examples() {
  const auto example = [](MaxoutDenseOptions options) -> LayerExample {
    return {std::make_shared<MaxoutDense>(std::move(options)), {Shape{3}}};
  };
  return {example({.output_dim = 2}), example({.output_dim = 3, .nb_feature = 1, .bias = false}),
          example({.output_dim = 2,
                   .nb_feature = 2,
                   .init = "normal",
                   .W_regularizer = "l1",
                   .b_regularizer = "l2",
                   .activity_regularizer = "activity_l1l2",
                   .W_constraint = maxnorm(2, {1}),
                   .b_constraint = "nonneg",
                   .input_dim = 3})};
}

}  // namespace cornu
