#include "cornu/optimizers/optimizer.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/kernels/elementwise/elementwise.hpp"
#include "cornu/optimizers/builtins.hpp"

namespace cornu {
namespace {

void check_clipping(const char* name, double value, const std::string& place) {
  if (!(value >= 0) || !std::isfinite(value))
    throw ConfigError(place, std::string(name) + " must be positive, got " + std::to_string(value),
                      "leave it out to clip nothing");
}

Registry<OptimizerClass>& optimizer_registry() {
  static auto& classes = *new Registry<OptimizerClass>("optimizer", detail::builtin_optimizers());
  return classes;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Optimizer::Optimizer(std::string class_name, double lr, double clipnorm, double clipvalue,
                     Schedule schedule)
    : class_name_(std::move(class_name)),
      lr_(lr),
      clipnorm_(clipnorm),
      clipvalue_(clipvalue),
      schedule_(std::move(schedule)) {
  check_clipping("clipnorm", clipnorm_, class_name_);
  check_clipping("clipvalue", clipvalue_, class_name_);
}

std::shared_ptr<const void> Optimizer::take() {
  std::shared_ptr<const void> holder = holder_.lock();
  if (!holder) holder_ = holder = std::make_shared<char>();
  return holder;
}

Optimizer::~Optimizer() = default;

nlohmann::json Optimizer::to_json() const {
  nlohmann::json config = detail::write_fields([this](Fields& fields) { describe(fields); });
  for (const char* only_when_set : {"clipnorm", "clipvalue", "schedule"})
    if (const auto at = config.find(only_when_set); at != config.end() && at->is_null())
      config.erase(at);
  config["name"] = class_name_;
  return config;
}

void Optimizer::set_lr(double lr) {
  if (!(lr >= 0) || !std::isfinite(lr))
    throw ConfigError(class_name_,
                      "lr must be a finite number from 0 up, got " + std::to_string(lr));
  lr_ = lr;
}

void clip_gradients(std::span<Scalar> gradients, double clipnorm, double clipvalue) {
  if (clipnorm > 0) {
    const double norm = std::sqrt(kernels::sum_of_squares(gradients.data(), gradients.size()));
    if (norm >= clipnorm) {
      const auto factor = static_cast<Scalar>(clipnorm / norm);
      for (Scalar& g : gradients) g *= factor;
    }
  }
  if (clipvalue > 0) {
    const auto most = static_cast<Scalar>(clipvalue);
    // In this order a NaN stays one.
    for (Scalar& g : gradients) g = g > most ? most : (g < -most ? -most : g);
  }
}

OptimizerClass find_optimizer_class(std::string_view name, std::string_view place) {
  if (!optimizer_registry().contains(name))
    for (const std::string& known : optimizer_registry().names())
      if (lower_case(known) == name) return optimizer_registry().find(known, place);
  return optimizer_registry().find(name, place);
}

OptimizerPtr make_optimizer(std::string_view name, std::string_view place) {
  find_optimizer_class(name, place);
  return optimizer_from_json(nlohmann::json{{"name", std::string(name)}}, std::string(place));
}

OptimizerPtr optimizer_from_json(std::string_view text) {
  return optimizer_from_json(detail::parse_json(text, "optimizer"));
}
OptimizerPtr optimizer_from_json(const char* text) {
  return optimizer_from_json(std::string_view(text));
}
OptimizerPtr optimizer_from_json(const std::string& text) {
  return optimizer_from_json(std::string_view(text));
}

OptimizerPtr optimizer_from_json(const nlohmann::json& config, const std::string& path) {
  return detail::read_by_name<Optimizer>(find_optimizer_class, config, path);
}

void register_optimizer(const std::string& class_name, OptimizerClass optimizer_class) {
  optimizer_registry().add(class_name, std::move(optimizer_class));
}

std::vector<std::string> optimizer_names() { return optimizer_registry().names(); }

}  // namespace cornu
