#include "cornu/layers/recurrent/embedding.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"
#include "cornu/layers/input_dim.hpp"
#include "cornu/layers/keep.hpp"

namespace cornu {
namespace {

constexpr ParameterSlot embedding_W{0, "W"};
constexpr CacheSlot words{0, "words"};            // (N, T)
constexpr CacheSlot kept_words{1, "kept_words"};  // (input_dim,): 0, or 1 / (1 - dropout)

EmbeddingOptions with_length(EmbeddingOptions options) {
  if (options.input_shape.empty() && options.batch_input_shape.empty())
    options.input_shape = Shape{options.input_length == 0 ? Shape::any : options.input_length};
  const Shape& batch = options.batch_input_shape;
  const Shape given = batch.empty() ? options.input_shape : batch.without_samples();
  if (options.input_length != 0 && !(given == Shape{options.input_length}))
    throw ConfigError("Embedding",
                      "input_length is " + std::to_string(options.input_length) +
                          ", but the input shape given beside it is " +
                          given.to_string_with_samples(),
                      "give one of the two");
  return options;
}

}  // namespace

void EmbeddingOptions::describe(Fields& fields) {
  describe_layer(fields, *this, true);
  fields.field("input_dim", input_dim, Range::closed(1, 16777216),
               "the number of words, 0 included");
  fields.field("output_dim", output_dim, Range::at_least(1), "the numbers of a word's vector");
  fields.field("init", init, "how W starts");
  fields.optional("input_length", input_length, "T; any when not given");
  fields.field("mask_zero", mask_zero, "whether the steps of word 0 are masked");
  fields.field("activity_regularizer", activity_regularizer, "penalty on the output");
  fields.field("W_regularizer", W_regularizer, "penalty on W, all words of it");
  fields.field("W_constraint", W_constraint, "constraint on W; axis 1: on each word's vector");
  fields.field("dropout", dropout, Range::half_open(0, 1),
               "the probability of a word to be dropped");
  fields.argument("weights", weights, "the values of W to start from");
}

Embedding::Embedding(EmbeddingOptions options)
    : ConfiguredLayer("Embedding", with_length(std::move(options))) {}

Traits Embedding::traits() const {
  return {.reads_input = false,
          .random = options_.dropout > 0,
          .training_differs = options_.dropout > 0,
          .indices_below = options_.input_dim,
          .mask = options_.mask_zero ? MaskRule::create : MaskRule::refuse,
          .causal = true};
}

Shape Embedding::build(const Shape& input, Builder& builder) const {
  detail::expect_rank(*this, input, 1, "(N, T) of words",
                      "an Embedding turns one word a step into a vector");
  builder.parameter(embedding_W, Shape{options_.input_dim, options_.output_dim}, options_.init,
                    options_.W_regularizer, options_.W_constraint);
  builder.cache(words, input[0]);
  if (options_.dropout > 0) builder.cache(kept_words, 0, options_.input_dim);
  return Shape{input[0], options_.output_dim};
}

void Embedding::forward(const Forward& run) const {
  const std::size_t M = options_.output_dim;
  const ConstArray x = run.x().array();
  const Scalar* const table = run[embedding_W].data();
  const bool drops = run.training && options_.dropout > 0;
  if (drops) {
    RandomStream random = run.random;
    detail::draw_keep(options_.dropout, random, run[kept_words]);
  }
  if (run.training) std::copy(x.begin(), x.end(), run[words].begin());
  // y[n, t, :] = W[x[n, t], :]
  Scalar* y = run.y.data;
  for (const Scalar word : x) {
    const auto w = static_cast<std::size_t>(word);
    std::copy_n(table + w * M, M, y);
    if (drops)
      for (std::size_t j = 0; j < M; ++j) y[j] *= run[kept_words][w];
    y += M;
  }
  if (!run.output_mask.empty())
    std::transform(x.begin(), x.end(), run.output_mask.begin(),
                   [](Scalar word) { return word != 0 ? Scalar{1} : Scalar{0}; });
}

void Embedding::backward(const Backward& run) const {
  const std::size_t M = options_.output_dim;
  const Array dW = run.gradient(embedding_W), kept = run[kept_words];
  if (run.dx()) std::fill_n(run.dx().data, run.dx().size(), Scalar{0});
  if (dW.empty()) return;
  // dW[x[n, t], :] += dy[n, t, :], row after row: words that occur several times add up.
  const Scalar* dy = run.dy.data;
  for (const Scalar word : run[words]) {
    const auto w = static_cast<std::size_t>(word);
    const Scalar factor = kept.empty() ? Scalar{1} : kept[w];
    Scalar* const row = dW.data() + w * M;
    for (std::size_t j = 0; j < M; ++j) row[j] += factor * dy[j];
    dy += M;
  }
}

std::vector<LayerExample> Embedding::examples() {
  const auto example = [](EmbeddingOptions options, Shape input) -> LayerExample {
    return {std::make_shared<Embedding>(std::move(options)), {std::move(input)}};
  };
  return {example({.input_dim = 5, .output_dim = 3, .input_length = 4}, {4}),
          example({.input_dim = 7,
                   .output_dim = 2,
                   .init = "normal",
                   .W_regularizer = l2(0.1),
                   .activity_regularizer = "activity_l2",
                   .W_constraint = "maxnorm",
                   .mask_zero = true},
                  {3}),
          example({.input_dim = 4, .output_dim = 3, .dropout = 0.4}, {6})};
}

}  // namespace cornu
