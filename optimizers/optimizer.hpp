#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// One optimizer step on one contiguous stretch of parameters.
struct OptimizerStep {
  std::span<Scalar> parameters;
  std::span<const Scalar> gradients;  ///< same size
  std::span<Scalar* const> slots;     ///< one array of the same size an accumulator, zero at first
  std::uint64_t iteration;            ///< t, the number of steps before this one
  double lr;  ///< the base rate after the schedule, before the optimizer's decay
};

/// How parameters follow their gradients (Keras 1.0.3, optimizers.py). The accumulators belong to
/// the model that trains; an optimizer object holds its options, the learning rate, which callbacks
/// may change between batches, and the count of steps.
class CORNU_API Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// "SGD"
  virtual std::string_view class_name() const = 0;
  /// The accumulators' names, one an array of the parameters' size ("m", "v"); also in files.
  virtual std::vector<std::string> slot_names() const = 0;
  /// The one loop: element i of every array belongs to element i of the others.
  virtual void update(const OptimizerStep& step) const = 0;
  /// Visits the options in Keras's order, `lr` first.
  virtual void describe(Fields& fields) = 0;

  /// {"name": "SGD", "lr": 0.01, ...}; clipnorm and clipvalue only when set, as in Keras 1.0.3.
  nlohmann::json to_json() const;

  double lr() const noexcept { return lr_; }
  /// Throws ConfigError unless positive and finite (0 is allowed: nothing moves).
  void set_lr(double lr);

  /// The number of steps made so far.
  std::uint64_t iterations() const noexcept { return iterations_; }
  void set_iterations(std::uint64_t iterations) noexcept { iterations_ = iterations; }

  /// 0: not set. Gradients whose norm over all parameters reaches clipnorm are scaled to it.
  double clipnorm() const noexcept { return clipnorm_; }
  /// 0: not set. Every gradient is then clipped to [-clipvalue, clipvalue].
  double clipvalue() const noexcept { return clipvalue_; }

 protected:
  void describe_clipping(Fields& fields);

  double lr_ = 0.01;
  double clipnorm_ = 0, clipvalue_ = 0;

 private:
  std::uint64_t iterations_ = 0;
};

using OptimizerPtr = std::shared_ptr<Optimizer>;

/// Clips all gradients in place, first by the norm over all of them, then by value.
CORNU_API void clip_gradients(std::span<Scalar> gradients, double clipnorm, double clipvalue);

/// An optimizer with default options by name: "sgd", "adam", ... in lower case or as the class is
/// written. Throws ConfigError with the nearest known name.
CORNU_API OptimizerPtr make_optimizer(std::string_view name);
/// From {"name": "Adam", "lr": 0.001, ...} (Keras 1; {"class_name", "config"} is understood too).
/// Options left out keep their defaults. Throws FormatError on malformed text, ConfigError on
/// unknown names, unknown options and values out of range.
CORNU_API OptimizerPtr optimizer_from_json(std::string_view text);
CORNU_API OptimizerPtr optimizer_from_json(const nlohmann::json& config);

/// Makes an optimizer class known by name. `make` returns one with default options.
CORNU_API void register_optimizer(const std::string& name, std::function<OptimizerPtr()> make);
CORNU_API std::vector<std::string> optimizer_names();

}  // namespace cornu
