#include "cornu/core/axes.hpp"
#include "cornu/core/error.hpp"
#include "cornu/layers/batch_normalization.hpp"

// The options of BatchNormalization: their checks, what follows from them for what is stored, and
// the settings that the contract test tries.

namespace cornu {

void BatchNormalizationOptions::describe(Fields& fields) {
  describe_layer(fields, *this);
  fields.field("epsilon", epsilon, Range::positive(), "keeps divisions from 0");
  fields.field("mode", mode, Range::closed(0, 1), "0: each feature over the batch; 1: each sample");
  fields.field("axis", axis, Range::closed(-8, 7), "the axis of the features, the batch's being 0");
  fields.field("momentum", momentum, Range::closed(0, 1),
               "the part of the running statistics that a step keeps");
  fields.argument("weights", weights,
                  "gamma and beta, or gamma, beta, running_mean and running_std, to start from");
  fields.begin_additions();
  fields.field("beta_init", beta_init, "how beta starts");
  fields.field("gamma_init", gamma_init, "how gamma starts");
  const bool all = fields.visits_defaults();
  if (all || statistics != "std")
    fields.field("statistics", statistics, {"std", "variance"},
                 "what the running spread is the mean of, and with it where epsilon stands");
  if (all || !center) fields.field("center", center, "whether there is a beta");
  if (all || !scale) fields.field("scale", scale, "whether there is a gamma");
  if (all || hold_statistics)
    fields.field("hold_statistics", hold_statistics,
                 "whether the running statistics stay, and training normalizes by them too");
  fields.end_additions();
}

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : ConfiguredLayer("BatchNormalization", std::move(options)),
      of_variance_(options_.statistics == "variance"),
      holds_(options_.hold_statistics) {
  if (options_.axis == 0)
    throw ConfigError(place(), "expected an axis of the features, got axis 0, that of the samples",
                      "use -1, or 1 for (N, C, H, W)");
  if (options_.mode == 1 && options_.axis < -1)
    throw ConfigError(
        place(), "mode 1 normalizes along the last axis, got axis " + std::to_string(options_.axis),
        "use axis = -1");
  if (options_.mode == 1 && of_variance_)
    throw ConfigError(place(), "mode 1 has no running statistics of variances",
                      "LayerNormalization has epsilon inside the root");
  const std::size_t parameters = options_.scale + std::size_t{options_.center};
  const std::size_t given = options_.weights.size();
  if (given != 0 && given != parameters && given != parameters + 2)
    throw ConfigError(place(),
                      "expected " + std::to_string(parameters) + " or " +
                          std::to_string(parameters + 2) + " arrays of weights, got " +
                          std::to_string(given),
                      "give gamma and beta, or gamma, beta, running_mean and running_std");
}

void BatchNormalization::describe(Fields& fields) const {
  BatchNormalizationOptions options = options_;
  options.name = name();
  options.trainable = trainable();
  options.hold_statistics = holds_;
  options.describe(fields);
}

// Whether the statistics are held may change later, which a plan that is
// already made must bear.
Traits BatchNormalization::traits() const {
  const bool over_batch = options_.mode == 0;
  return {.training_differs = over_batch, .updates_state = over_batch, .causal = true};
}

Shape BatchNormalization::build(const Shape& input, Builder& builder) const {
  const auto axis = detail::resolve_axis(options_.axis, input.rank() + 1);
  if (!axis || *axis == 0)
    throw ShapeError(place(),
                     "expected an input that has the feature axis " +
                         std::to_string(options_.axis) + ", got " + input.to_string_with_samples(),
                     "axis counts the samples' axis as 0; -1 is the last");
  if (options_.mode == 1 && *axis != input.rank())
    throw ConfigError(place(),
                      "mode 1 normalizes along the last axis, got axis " +
                          std::to_string(options_.axis) + " for " + input.to_string_with_samples(),
                      "use axis = -1");
  const Shape features{input[*axis - 1]};
  declare_features(features, builder);

  const std::size_t n = features[0];
  if (options_.mode == 1) {
    builder.cache(Slots::mu, input.rows());
    builder.cache(Slots::spread, input.rows());
    if (options_.scale != options_.center) builder.workspace(Slots::dgamma, 0, n);
  } else {
    builder.cache(Slots::mu, 0, n);
    builder.cache(Slots::spread, 0, n);
    for (const WorkspaceSlot slot : {Slots::variance, Slots::slope, Slots::dgamma, Slots::dbeta,
                                     Slots::through_x_hat, Slots::through_variance, Slots::mean_dy})
      builder.workspace(slot, 0, n);
  }
  if (!options_.scale) builder.workspace(Slots::ones, 0, n);
  if (!options_.center) builder.workspace(Slots::zeros, 0, n);
  return input;
}

/// What is stored for each feature.
void BatchNormalization::declare_features(const Shape& features, Builder& builder) const {
  if (options_.scale) builder.parameter(Slots::gamma, features, options_.gamma_init);
  if (options_.center) builder.parameter(Slots::beta, features, options_.beta_init);
  builder.state(Slots::running_mean, features, 0);
  builder.state(of_variance_ ? Slots::running_variance : Slots::running_std, features, 1);
}

std::vector<Tensor> BatchNormalization::initial_weights() const {
  std::vector<Tensor> weights = options_.weights;
  const std::size_t parameters = options_.scale + std::size_t{options_.center};
  if (!weights.empty() && weights.size() == parameters) {
    const Shape features = weights[0].shape();
    weights.emplace_back(features);
    weights.emplace_back(features, std::vector<Scalar>(features.size(), 1));
  }
  return weights;
}

std::vector<LayerExample> BatchNormalization::examples() {
  const auto example = [](BatchNormalizationOptions options, Shape input) -> LayerExample {
    return {std::make_shared<BatchNormalization>(std::move(options)), {std::move(input)}};
  };
  return {
      example({}, {3}),
      example({.epsilon = 1e-3, .momentum = 0.5}, {4, 2}),
      example({.axis = 1, .beta_init = "normal", .gamma_init = "uniform"}, {3, 2, 2}),
      example({.axis = -2, .momentum = 0.99}, {3, 4}),
      example({.axis = 2}, {2, 3, 2}),
      example({.mode = 1}, {5}),
      example({.epsilon = 0.1, .mode = 1, .axis = 2}, {2, 4}),
      example({.epsilon = 1e-2, .gamma_init = "uniform", .statistics = "variance"}, {3}),
      example({.axis = 1, .statistics = "variance", .scale = false}, {3, 2}),
      example({.center = false}, {3}),
      example({.center = false, .scale = false}, {2, 2}),
      example({.mode = 1, .gamma_init = "uniform", .center = false}, {4}),
      example({.mode = 1, .scale = false}, {4}),
      example({.gamma_init = "uniform", .hold_statistics = true}, {3}),
      example({.axis = 1, .statistics = "variance", .hold_statistics = true}, {3, 2}),
  };
}

}  // namespace cornu
