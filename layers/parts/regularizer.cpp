#include "cornu/layers/parts/regularizer.hpp"

#include <cmath>

#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"

// Keras 1.0.3, regularizers.py.

namespace cornu {
namespace {

using PenaltyPtr = std::shared_ptr<const Penalty>;

/// l1 * sum|v| + l2 * sum v^2
class L1L2 final : public Penalty {
 public:
  /// `class_name`: "WeightRegularizer" or "ActivityRegularizer", as files have it.
  L1L2(const char* class_name, double l1, double l2) : class_name_(class_name), l1_(l1), l2_(l2) {
    check("l1", l1);
    check("l2", l2);
  }

  double value(ConstArray values) const override {
    double absolute = 0, squared = 0;
    for (const Scalar v : values) {
      absolute += std::abs(static_cast<double>(v));
      squared += static_cast<double>(v) * v;
    }
    return l1_ * absolute + l2_ * squared;
  }

  void add_gradient(ConstArray values, Scalar scale, Array gradient) const override {
    const Scalar l1 = static_cast<Scalar>(l1_) * scale, l2 = 2 * static_cast<Scalar>(l2_) * scale;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Scalar v = values[i];
      // d|v|/dv at 0 is taken as 0.
      const Scalar sign = static_cast<Scalar>(v > 0) - static_cast<Scalar>(v < 0);
      gradient[i] += l1 * sign + l2 * v;
    }
  }

  nlohmann::json to_json() const override {
    return {{"name", class_name_}, {"l1", l1_}, {"l2", l2_}};
  }

 private:
  static void check(const char* name, double factor) {
    if (!(factor >= 0 && std::isfinite(factor)))
      throw ConfigError("regularizer", std::string("expected ") + name +
                                           " to be a number of at least 0, got " +
                                           nlohmann::json(factor).dump());
  }

  const char* class_name_;
  double l1_, l2_;
};

constexpr const char* weight_class = "WeightRegularizer";
constexpr const char* activity_class = "ActivityRegularizer";
constexpr double standard_factor = 0.01;

Registry<PenaltyPtr>& regularizer_users() {
  static auto& penalties = *new Registry<PenaltyPtr>("regularizer");
  return penalties;
}

/// One of the two families of names: those for weights and, with the prefix "activity_", those for
/// outputs.
struct Family {
  const char* class_name;
  std::string prefix;
  const char* argument;   ///< where this family belongs
  const char* elsewhere;  ///< where the other belongs

  bool owns(const std::string& name) const {
    return name == class_name || name == prefix + "l1" || name == prefix + "l2" ||
           name == prefix + "l1l2";
  }
};

const Family& weights() {
  static const Family& family =
      *new Family{weight_class, "", "W_regularizer", "activity_regularizer"};  // never destroyed
  return family;
}
const Family& activities() {
  static const Family& family = *new Family{activity_class, "activity_", "activity_regularizer",
                                            "W_regularizer"};  // never destroyed
  return family;
}

/// From `{"name": "WeightRegularizer", "l1": 0, "l2": 0.01}`, `{"name": "l2", "l": 0.01}` or
/// `{"name": "l2"}`.
PenaltyPtr read(const nlohmann::json& config, const Family& family, const Family& other) {
  detail::ObjectReader reader(config, "regularizer");
  const std::string name = reader.string("name");
  const auto factor = [&](const char* key, double standard) {
    return reader.has(key) ? reader.number(key) : standard;
  };
  PenaltyPtr penalty;
  if (name == family.class_name)
    penalty = std::make_shared<L1L2>(family.class_name, factor("l1", 0), factor("l2", 0));
  else if (name == family.prefix + "l1")
    penalty = std::make_shared<L1L2>(family.class_name, factor("l", standard_factor), 0);
  else if (name == family.prefix + "l2")
    penalty = std::make_shared<L1L2>(family.class_name, 0, factor("l", standard_factor));
  else if (name == family.prefix + "l1l2")
    penalty = std::make_shared<L1L2>(family.class_name, factor("l1", standard_factor),
                                     factor("l2", standard_factor));
  else if (other.owns(name))
    throw ConfigError("regularizer",
                      "'" + name + "' cannot stand where " + family.argument + " is expected",
                      std::string("give it as ") + family.elsewhere);
  else if (&family == &weights() && regularizer_users().contains(name)) {
    penalty = regularizer_users().find(name, "regularizer");
    // What a registered penalty writes is what it reads.
    if (config.size() != 1 && config != penalty->to_json())
      throw ConfigError("regularizer",
                        "'" + name + "' is registered without arguments, got " + config.dump());
    return penalty;
  } else {
    std::vector<std::string> known = {family.prefix + "l1", family.prefix + "l2",
                                      family.prefix + "l1l2"};
    if (&family == &weights())
      for (std::string& registered : regularizer_users().names())
        known.push_back(std::move(registered));
    detail::throw_unknown_name(family.argument, "regularizer", name, known);
  }
  reader.finish();
  return penalty;
}

PenaltyPtr read_choice(const nlohmann::json& config, const Family& family, const Family& other) {
  if (config.is_null()) return nullptr;
  if (config.is_string()) return read({{"name", config}}, family, other);
  return read(config, family, other);
}

}  // namespace

Regularizer::Regularizer(const std::string& name) { assign(name); }
nlohmann::json Regularizer::to_json() const { return penalty_ ? penalty_->to_json() : nullptr; }
void Regularizer::assign(const nlohmann::json& config) {
  penalty_ = read_choice(config, weights(), activities());
}

ActivityRegularizer::ActivityRegularizer(const std::string& name) { assign(name); }
nlohmann::json ActivityRegularizer::to_json() const {
  return penalty_ ? penalty_->to_json() : nullptr;
}
void ActivityRegularizer::assign(const nlohmann::json& config) {
  penalty_ = read_choice(config, activities(), weights());
}

Regularizer l1(double l) { return l1l2(l, 0); }
Regularizer l2(double l) { return l1l2(0, l); }
Regularizer l1l2(double l1, double l2) {
  return Regularizer(std::make_shared<L1L2>(weight_class, l1, l2));
}
ActivityRegularizer activity_l1(double l) { return activity_l1l2(l, 0); }
ActivityRegularizer activity_l2(double l) { return activity_l1l2(0, l); }
ActivityRegularizer activity_l1l2(double l1, double l2) {
  return ActivityRegularizer(std::make_shared<L1L2>(activity_class, l1, l2));
}

void register_regularizer(const std::string& name, std::shared_ptr<const Penalty> penalty) {
  if (!penalty)
    throw ConfigError("register_regularizer", "expected a penalty for '" + name + "', got null");
  if (weights().owns(name) || activities().owns(name))
    throw ConfigError("register_regularizer", "the name '" + name + "' is taken",
                      "register it under another name");
  regularizer_users().add(name, std::move(penalty));
}

std::vector<std::string> regularizer_names() {
  std::vector<std::string> names = {"l1", "l1l2", "l2"};
  for (std::string& name : regularizer_users().names()) names.push_back(std::move(name));
  return names;
}

}  // namespace cornu
