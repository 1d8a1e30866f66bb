#pragma once

#include "cornu/layers/layer.hpp"

namespace cornu {

struct BatchNormalizationOptions {
  double epsilon = 1e-6;
  int mode = 0;
  int axis = -1;
  double momentum = 0.9;
  std::vector<Tensor> weights = {};
  Initializer beta_init = "zero";
  Initializer gamma_init = "one";
  std::string statistics = "std";  ///< or "variance"
  bool center = true;
  bool scale = true;
  bool hold_statistics = false;

  Shape input_shape = {};
  Shape batch_input_shape = {};
  std::string name = {};
  bool trainable = true;

  CORNU_API void describe(Fields& fields);
};

/// Batch normalization (Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training
/// by Reducing Internal Covariate Shift", 2015, arXiv 1502.03167) with the arithmetic of Keras
/// 1.0.3, layers/normalization.py. The input may have any number of axes; the output has its shape.
///
/// **Mode 0**, feature-wise. `axis` is kept, the batch axis counting as 0 and negative ones from
/// the end: -1 for (N, D) and (N, H, W, C), 1 for (N, C, H, W). Each of its n indices is
/// normalized over the m numbers along all other axes, the batch's included:
///
///     training:  mu = mean(x),  s = sqrt(mean((x - mu)^2) + epsilon)
///                x_hat = (x - mu) / (s + epsilon)
///     testing:   x_hat = (x - running_mean) / (running_std + epsilon)
///     y = gamma * x_hat + beta
///
/// The variance is divided by m, not m - 1, and epsilon stands inside the root and outside of it.
/// After each training step, once for each call of the layer in the model, in their order:
///
///     running_mean = momentum * running_mean + (1 - momentum) * mu
///     running_std  = momentum * running_std  + (1 - momentum) * s
///
/// The second is a running mean of standard deviations, not of variances. Both start at 0 and 1
/// without correction for it, so that predictions need some tens of steps to become good. They go
/// on moving when the layer is not trainable; then only gamma and beta are frozen.
///
/// With **`statistics` = "variance"** the arithmetic is the paper's and that of Keras from 1.0.8
/// on, epsilon inside the root only, and the running mean is one of variances, `running_variance`:
///
///     training:  x_hat = (x - mu) / sqrt(mean((x - mu)^2) + epsilon)
///     testing:   x_hat = (x - running_mean) / sqrt(running_variance + epsilon)
///
/// With **`hold_statistics`** the running statistics stay as they are, and training normalizes by
/// them too: the layer is the same function in training and testing, as a frozen part of a model
/// wants it. `freeze(model)` switches it on.
///
/// Without `scale` there is no gamma, without `center` no beta.
///
/// **Mode 1**, sample-wise: mean and deviation of each sample over the last axis alone, the same in
/// training and testing; no epsilon in the root. `axis` must be the last. Where all numbers of a
/// row are equal, the gradient is taken as zero (that of Keras 1.0.3 is NaN).
///
/// `weights`: gamma and beta, each (n,), as Keras documents them, or gamma, beta, running_mean,
/// running_std, as it takes them. `get_weights` gives all four. `beta_init` and `gamma_init` are
/// saved in files, which Keras 1.0.3 forgets, and so are the options that it does not have.
///
/// Throws ConfigError for options out of range, axis 0, and mode 1 with another axis than the
/// last or with variances; ShapeError, when the input is known, for an axis that it does not have.
class CORNU_API BatchNormalization final : public ConfiguredLayer<BatchNormalizationOptions> {
 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {});

  Traits traits() const override;
  using Layer::build;
  Shape build(const Shape& input, Builder& builder) const override;
  void forward(const Forward& run) const override;
  void backward(const Backward& run) const override;
  void update(const Update& run) const override;

  std::vector<Tensor> initial_weights() const override;

  void describe(Fields& fields) const override;
  /// Whether the running statistics stay as they are, the option `hold_statistics` at first.
  bool holds_states() const noexcept { return holds_; }
  void hold_states(bool hold) noexcept override { holds_ = hold; }

  static std::vector<LayerExample> examples();

 private:
  struct Slots {
    static constexpr ParameterSlot gamma{0, "gamma"}, beta{1, "beta"};
    static constexpr StateSlot running_mean{0, "running_mean"};
    static constexpr StateSlot running_std{1, "running_std"};  // or, in the same place,
    static constexpr StateSlot running_variance{1, "running_variance"};
    static constexpr CacheSlot mu{0, "mu"}, spread{1, "spread"};
    static constexpr WorkspaceSlot variance{0, "variance"}, slope{1, "slope"};
    static constexpr WorkspaceSlot dgamma{2, "dgamma"}, dbeta{3, "dbeta"};
    static constexpr WorkspaceSlot through_x_hat{4, "through_x_hat"};
    static constexpr WorkspaceSlot through_variance{5, "through_variance"};
    static constexpr WorkspaceSlot mean_dy{6, "mean_dy"};
    // In the places of a missing gamma and beta.
    static constexpr WorkspaceSlot ones{7, "ones"}, zeros{8, "zeros"};
  };
  struct Divisor;
  Divisor divisor() const;
  void declare_features(const Shape& features, Builder& builder) const;
  void normalize_batch(const Forward& run) const;
  void normalize_with_running(const Forward& run) const;
  void backward_batch(const Backward& run) const;
  void backward_with_running(const Backward& run) const;
  void normalize_rows(const Forward& run) const;
  void backward_rows(const Backward& run) const;

  bool of_variance_;
  bool holds_;
};

}  // namespace cornu
