#include "cornu/optimizers/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

namespace cornu {
namespace {

/// A curve whose formula is `Formula::factor(options, time)`.
template <class Options>
class ConfiguredCurve : public Curve {
 public:
  using Formula = double (*)(const Options&, double);

  ConfiguredCurve(const char* name, Options options, Formula formula)
      : name_(name), options_(options), formula_(formula) {
    check_fields([this](Fields& fields) { options_.describe(fields); }, name);
  }
  std::string_view name() const override { return name_; }
  double factor(double time) const override { return formula_(options_, time); }
  void describe(Fields& fields) const override {
    Options options = options_;
    options.describe(fields);
  }

 private:
  const char* name_;
  Options options_;
  Formula formula_;
};

/// From 1 at 0 to 0 at 1, and 0 beyond.
double half_cosine(double part) {
  return 0.5 * (1 + std::cos(std::numbers::pi * std::clamp(part, 0.0, 1.0)));
}

double step_factor(const StepDecayOptions& o, double time) {
  return std::pow(o.drop, std::floor(time / o.every));
}

double exponential_factor(const ExponentialDecayOptions& o, double time) {
  return std::pow(o.rate, time / o.steps);
}

double cosine_factor(const CosineDecayOptions& o, double time) {
  if (time < o.warmup) return (time + 1) / (o.warmup + 1);
  return o.floor + (1 - o.floor) * half_cosine((time - o.warmup) / (o.steps - o.warmup));
}

double one_cycle_factor(const OneCycleOptions& o, double time) {
  const double top = o.rise * o.steps;
  if (time < top) return 1 - (1 - o.start) * half_cosine(time / top);
  return o.end + (1 - o.end) * half_cosine((time - top) / (o.steps - top));
}

/// A registered function of the user's.
class NamedCurve final : public Curve {
 public:
  NamedCurve(std::string name, std::function<double(double)> factor)
      : name_(std::move(name)), factor_(std::move(factor)) {}
  std::string_view name() const override { return name_; }
  double factor(double time) const override { return factor_(time); }
  void describe(Fields&) const override {}

 private:
  std::string name_;
  std::function<double(double)> factor_;
};

using MakeSchedule = std::function<Schedule(Fields& reader)>;

template <class Options>
MakeSchedule reading(Schedule (*make)(const Options&)) {
  return [make](Fields& reader) {
    Options options;
    options.describe(reader);
    return make(options);
  };
}

Registry<MakeSchedule>& schedule_registry() {
  static auto& schedules =
      *new Registry<MakeSchedule>("schedule", {{"step_decay", reading(&step_decay)},
                                               {"exponential_decay", reading(&exponential_decay)},
                                               {"cosine_decay", reading(&cosine_decay)},
                                               {"one_cycle", reading(&one_cycle)}});
  return schedules;
}

}  // namespace

void StepDecayOptions::describe(Fields& fields) {
  fields.field("drop", drop, Range::closed(0, 1), "the factor of one drop");
  fields.field("every", every, Range::positive(), "the time between drops");
}

void ExponentialDecayOptions::describe(Fields& fields) {
  fields.field("rate", rate, Range::closed(0, 1), "the factor over `steps`");
  fields.field("steps", steps, Range::positive(), "the time in which the factor is `rate`");
}

void CosineDecayOptions::describe(Fields& fields) {
  fields.field("steps", steps, Range::positive(), "the time of the end, warm-up included");
  fields.field("warmup", warmup, Range::at_least(0), "the time of the linear rise at the start");
  fields.field("floor", floor, Range::closed(0, 1), "the factor at the end and after it");
}

void OneCycleOptions::describe(Fields& fields) {
  fields.field("steps", steps, Range::positive(), "the time of the end");
  fields.field("rise", rise, Range::half_open(0, 1), "the part of the time before the top");
  fields.field("start", start, Range::closed(0, 1), "the factor at the start");
  fields.field("end", end, Range::closed(0, 1), "the factor at the end and after it");
}

Schedule step_decay(const StepDecayOptions& options) {
  return {std::make_shared<ConfiguredCurve<StepDecayOptions>>("step_decay", options, step_factor)};
}

Schedule exponential_decay(const ExponentialDecayOptions& options) {
  return {std::make_shared<ConfiguredCurve<ExponentialDecayOptions>>("exponential_decay", options,
                                                                     exponential_factor)};
}

Schedule cosine_decay(const CosineDecayOptions& options) {
  auto curve =
      std::make_shared<ConfiguredCurve<CosineDecayOptions>>("cosine_decay", options, cosine_factor);
  if (options.warmup >= options.steps)
    throw ConfigError("cosine_decay", "expected warmup below steps, got warmup " +
                                          std::to_string(options.warmup) + " and steps " +
                                          std::to_string(options.steps));
  return {std::move(curve)};
}

Schedule one_cycle(const OneCycleOptions& options) {
  return {
      std::make_shared<ConfiguredCurve<OneCycleOptions>>("one_cycle", options, one_cycle_factor)};
}

nlohmann::json Schedule::to_json() const {
  if (!curve_) return nullptr;
  nlohmann::json config =
      detail::write_fields([this](Fields& fields) { curve_->describe(fields); });
  config["name"] = curve_->name();
  return config;
}

void Schedule::assign(const nlohmann::json& config) {
  if (config.is_null()) {
    curve_ = nullptr;
    return;
  }
  if (config.is_string()) {
    *this = find_schedule(config.get<std::string>());
    return;
  }
  detail::ObjectReader reader(config, "schedule");
  const MakeSchedule make = schedule_registry().find(reader.string("name"), "schedule");
  Schedule result;
  detail::read_fields(
      [&](Fields& fields) {
        fields.begin_additions();  // every option may be left out
        result = make(fields);
        fields.end_additions();
      },
      config, "schedule", {"name"});
  curve_ = std::move(result.curve_);
}

void register_schedule(const std::string& name, std::function<double(double)> factor) {
  const Schedule schedule(std::make_shared<NamedCurve>(name, std::move(factor)));
  schedule_registry().add(name, [schedule](Fields&) { return schedule; });
}

Schedule find_schedule(std::string_view name, std::string_view place) {
  schedule_registry().find(name, place);
  Schedule result;
  result.assign({{"name", std::string(name)}});
  return result;
}

std::vector<std::string> schedule_names() { return schedule_registry().names(); }

}  // namespace cornu
