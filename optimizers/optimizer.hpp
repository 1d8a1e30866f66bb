#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/described_class.hpp"
#include "cornu/core/fields.hpp"
#include "cornu/core/tensor.hpp"
#include "cornu/optimizers/schedule.hpp"

namespace cornu {

/// One optimizer step on one contiguous stretch of parameters.
struct OptimizerStep {
  std::span<Scalar> parameters;
  std::span<const Scalar> gradients;  ///< same size
  std::span<Scalar* const> slots;     ///< one array of the same size an accumulator, zero at first
  std::uint64_t iteration;            ///< t, the number of steps before this one
  double lr;  ///< `Optimizer::scheduled_lr`: after the schedule, before the optimizer's own decay
};

/// How parameters follow their gradients (Keras 1.0.3, optimizers.py). The accumulators belong to
/// the model that trains; an optimizer object holds its options, the learning rate, which callbacks
/// may change between batches, and the count of steps.
///
/// An optimizer of your own derives from ConfiguredOptimizer and overrides `slot_names` and
/// `update`.
class CORNU_API Optimizer {
 public:
  virtual ~Optimizer();

  /// "SGD"
  const std::string& class_name() const noexcept { return class_name_; }
  /// The accumulators' names, one an array of the parameters' size ("m", "v"); also in files.
  virtual std::vector<std::string> slot_names() const = 0;
  /// The one loop: element i of every array belongs to element i of the others.
  virtual void update(const OptimizerStep& step) const = 0;
  /// Visits the options, with the present learning rate, in Keras's order, `lr` first.
  virtual void describe(Fields& fields) const = 0;

  /// {"name": "SGD", "lr": 0.01, ...}; clipnorm, clipvalue and schedule only when set, as in
  /// Keras 1.0.3.
  nlohmann::json to_json() const;

  /// The base learning rate.
  double lr() const noexcept { return lr_; }
  /// Throws ConfigError when it is negative or not finite (0 is allowed: nothing moves).
  void set_lr(double lr);
  /// The learning rate of the next step: the base rate times the schedule's factor.
  double scheduled_lr() const { return lr_ * schedule_.factor(static_cast<double>(iterations_)); }
  const Schedule& schedule() const noexcept { return schedule_; }

  /// The number of steps made so far.
  std::uint64_t iterations() const noexcept { return iterations_; }
  void set_iterations(std::uint64_t iterations) noexcept { iterations_ = iterations; }

  /// 0: not set. Gradients whose norm over all parameters reaches clipnorm are scaled to it.
  double clipnorm() const noexcept { return clipnorm_; }
  /// 0: not set. Every gradient is then clipped to [-clipvalue, clipvalue].
  double clipvalue() const noexcept { return clipvalue_; }

  /// Whether it trains a model already; and the mark of that, which lasts as long as the answer is
  /// held. Each model counts its own steps, so that a second one gets a copy.
  bool taken() const noexcept { return !holder_.expired(); }
  std::shared_ptr<const void> take();

 protected:
  Optimizer(std::string class_name, double lr, double clipnorm, double clipvalue,
            Schedule schedule);

 private:
  std::string class_name_;
  double lr_, clipnorm_, clipvalue_;
  Schedule schedule_;
  std::uint64_t iterations_ = 0;
  std::weak_ptr<const void> holder_;
};

using OptimizerPtr = std::shared_ptr<Optimizer>;

/// Visits the three options that every optimizer has; the last line of each `describe`.
template <class Options>
void describe_optimizer(Fields& fields, Options& options) {
  fields.optional("clipnorm", options.clipnorm,
                  "gradients whose norm over all parameters reaches it are scaled to it");
  fields.optional("clipvalue", options.clipvalue, "gradients are clipped to [-value, value]");
  fields.field("schedule", options.schedule, "the factor on lr by the count of steps");
}

/// The base of every optimizer whose options are a struct `O` with these members:
///
///     struct O {
///       double lr = 0.01;
///       ...
///       double clipnorm = 0, clipvalue = 0;  // 0: not set
///       Schedule schedule;
///       void describe(Fields& fields);
///     };
template <class O>
class ConfiguredOptimizer : public Optimizer {
 public:
  using Options = O;

  void describe(Fields& fields) const override {
    O options = options_;
    options.lr = lr();
    options.describe(fields);
  }
  const O& options() const noexcept { return options_; }

 protected:
  /// Throws ConfigError when an option is out of range.
  ConfiguredOptimizer(const char* class_name, O options)
      : Optimizer(class_name, options.lr, options.clipnorm, options.clipvalue, options.schedule),
        options_(std::move(options)) {
    check_fields([this](Fields& fields) { options_.describe(fields); }, class_name);
  }

 private:
  O options_;
};

/// Clips all gradients in place, first by the norm over all of them (when it reaches `clipnorm`),
/// then by value; 0 leaves either out.
CORNU_API void clip_gradients(std::span<Scalar> gradients, double clipnorm, double clipvalue);

/// An optimizer with default options by name: "sgd", "adam", ... in lower case or as the class is
/// written. Throws ConfigError with the nearest known name.
CORNU_API OptimizerPtr make_optimizer(std::string_view name, std::string_view place = "compile");
/// From {"name": "Adam", "lr": 0.001, ...} (Keras 1; {"class_name", "config"} is understood too).
/// Options left out keep their defaults. Throws FormatError on malformed text, unknown options,
/// wrong types and values out of range, ConfigError on unknown names.
CORNU_API OptimizerPtr optimizer_from_json(std::string_view text);
CORNU_API OptimizerPtr optimizer_from_json(const char* text);
CORNU_API OptimizerPtr optimizer_from_json(const std::string& text);
CORNU_API OptimizerPtr optimizer_from_json(const nlohmann::json& config,
                                           const std::string& path = "optimizer");

using OptimizerClass = DescribedClass<Optimizer>;

/// Makes an optimizer class known by name. Throws ConfigError when the name is taken.
CORNU_API void register_optimizer(const std::string& class_name, OptimizerClass optimizer_class);
template <class T>
void register_optimizer(const std::string& class_name) {
  register_optimizer(class_name, described_class<T, Optimizer>());
}
/// The class of that name. Throws ConfigError, asked for at `place`, with the nearest known name.
CORNU_API OptimizerClass find_optimizer_class(std::string_view name, std::string_view place);
/// The classes' names, sorted.
CORNU_API std::vector<std::string> optimizer_names();

}  // namespace cornu
