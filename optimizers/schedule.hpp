#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/fields.hpp"

namespace cornu {

/// A learning rate's course: a pure function of time, so there is nothing to save but its options,
/// and a resumed run goes on exactly. Time counts in steps where a curve is an optimizer's
/// `schedule`, in epochs where it is given to the LearningRateScheduler callback.
class CORNU_API Curve {
 public:
  virtual ~Curve() = default;
  /// "cosine_decay"
  virtual std::string_view name() const = 0;
  /// What the base learning rate is multiplied by at `time` (from 0; never negative).
  virtual double factor(double time) const = 0;
  virtual void describe(Fields& fields) const = 0;
};

/// A curve, chosen by factory or by name and options: `.schedule = cosine_decay({.steps = 1000})`.
class CORNU_API Schedule final : public Choice {
 public:
  /// None: the factor is 1 at all times.
  Schedule() = default;
  Schedule(std::shared_ptr<const Curve> curve) : curve_(std::move(curve)) {}  // NOLINT

  explicit operator bool() const noexcept { return curve_ != nullptr; }
  double factor(double time) const { return curve_ ? curve_->factor(time) : 1.0; }
  /// The curve, or null.
  const Curve* curve() const noexcept { return curve_.get(); }

  std::string_view kind() const override { return "schedule"; }
  /// {"name": "cosine_decay", "steps": 1000, ...}, or null.
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  std::shared_ptr<const Curve> curve_;
};

struct StepDecayOptions {
  double drop = 0.5;
  double every = 1000;
  void describe(Fields& fields);
};
/// drop ^ floor(time / every)
CORNU_API Schedule step_decay(const StepDecayOptions& options = {});

struct ExponentialDecayOptions {
  double rate = 0.96;
  double steps = 1000;
  void describe(Fields& fields);
};
/// rate ^ (time / steps)
CORNU_API Schedule exponential_decay(const ExponentialDecayOptions& options = {});

struct CosineDecayOptions {
  double steps = 10000;
  double warmup = 0;
  double floor = 0;
  void describe(Fields& fields);
};
/// Up in a line, (time + 1) / (warmup + 1), for `warmup` steps, then down half a cosine from 1 to
/// `floor`, which is reached at `steps` and kept (Loshchilov & Hutter, "SGDR", 2016, one period).
CORNU_API Schedule cosine_decay(const CosineDecayOptions& options = {});

struct OneCycleOptions {
  double steps = 10000;
  double rise = 0.3;
  double start = 0.04;
  double end = 0.0004;
  void describe(Fields& fields);
};
/// Half a cosine up from `start` to 1 for `rise * steps` steps, then half a cosine down to `end`,
/// which is reached at `steps` and kept (Smith & Topin, "Super-convergence", 2017): `lr` is the
/// highest rate.
CORNU_API Schedule one_cycle(const OneCycleOptions& options = {});

/// Makes a curve without options known by name, files included. Throws ConfigError when the name is
/// taken. `Schedule` of it: `find_schedule(name)`.
CORNU_API void register_schedule(const std::string& name, std::function<double(double)> factor);
/// The schedule of that name with its default options. Throws ConfigError with the nearest name.
CORNU_API Schedule find_schedule(std::string_view name, std::string_view place = "schedule");
CORNU_API std::vector<std::string> schedule_names();

}  // namespace cornu
