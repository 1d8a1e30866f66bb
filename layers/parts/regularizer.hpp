#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// A penalty on numbers: the loss of a training step grows by it, and gradients by its derivative.
class CORNU_API Penalty {
 public:
  virtual ~Penalty() = default;
  /// The penalty of `values`.
  virtual double value(ConstArray values) const = 0;
  /// gradient += scale * d(penalty)/d(values)
  virtual void add_gradient(ConstArray values, Scalar scale, Array gradient) const = 0;
  virtual nlohmann::json to_json() const = 0;
};

/// A penalty on a weight: l1 * sum|w| + l2 * sum w^2 (no one half, no mean; Keras 1,
/// regularizers.py), counted in training losses only. Names: l1, l2, l1l2, each with 0.01.
class CORNU_API Regularizer final : public Choice {
 public:
  /// No penalty.
  Regularizer() = default;
  Regularizer(const char* name) : Regularizer(std::string(name)) {}  // NOLINT
  Regularizer(const std::string& name);                              // NOLINT
  explicit Regularizer(std::shared_ptr<const Penalty> penalty) : penalty_(std::move(penalty)) {}

  explicit operator bool() const noexcept { return penalty_ != nullptr; }
  const Penalty* operator->() const noexcept { return penalty_.get(); }

  std::string_view kind() const override { return "regularizer"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  std::shared_ptr<const Penalty> penalty_;
};

/// A penalty on a layer's output, averaged over the batch:
/// sum over elements j of l1 * mean_n |y_nj| + l2 * mean_n y_nj^2, in training only.
/// Names: activity_l1, activity_l2, activity_l1l2, each with 0.01.
class CORNU_API ActivityRegularizer final : public Choice {
 public:
  ActivityRegularizer() = default;
  ActivityRegularizer(const char* name) : ActivityRegularizer(std::string(name)) {}  // NOLINT
  ActivityRegularizer(const std::string& name);                                      // NOLINT
  explicit ActivityRegularizer(std::shared_ptr<const Penalty> penalty)
      : penalty_(std::move(penalty)) {}

  explicit operator bool() const noexcept { return penalty_ != nullptr; }
  /// Of an output (N, ...); multiply by 1 / N for the mean over the batch.
  const Penalty* operator->() const noexcept { return penalty_.get(); }

  std::string_view kind() const override { return "activity regularizer"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  std::shared_ptr<const Penalty> penalty_;
};

/// l1 * sum|w| + l2 * sum w^2. Throws ConfigError for a negative or non-finite factor.
CORNU_API Regularizer l1(double l = 0.01);
CORNU_API Regularizer l2(double l = 0.01);
CORNU_API Regularizer l1l2(double l1 = 0.01, double l2 = 0.01);
CORNU_API ActivityRegularizer activity_l1(double l = 0.01);
CORNU_API ActivityRegularizer activity_l2(double l = 0.01);
CORNU_API ActivityRegularizer activity_l1l2(double l1 = 0.01, double l2 = 0.01);

/// Adds a penalty of the user's own, found by name in options and files (as a weight regularizer).
CORNU_API void register_regularizer(const std::string& name,
                                    std::shared_ptr<const Penalty> penalty);
CORNU_API std::vector<std::string> regularizer_names();

}  // namespace cornu
