#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cornu/core/export.hpp"
#include "cornu/core/shape.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// The values that a number option takes; a number outside is refused with this range in the text.
struct Range {
  double least = -std::numeric_limits<double>::max();
  double most = std::numeric_limits<double>::max();
  bool least_excluded = false;
  bool most_excluded = false;

  static constexpr Range any() { return {}; }
  static constexpr Range at_least(double least) { return {.least = least}; }
  static constexpr Range positive() { return {.least = 0, .least_excluded = true}; }
  static constexpr Range closed(double least, double most) { return {least, most}; }
  /// [least, most): the upper end is refused.
  static constexpr Range half_open(double least, double most) { return {least, most, false, true}; }

  /// False for NaN and infinities too.
  constexpr bool holds(double value) const {
    return (least_excluded ? value > least : value >= least) &&
           (most_excluded ? value < most : value <= most);
  }
};

/// An option that is itself chosen by name: an initializer, an activation, a regularizer, ...
/// In JSON it is a name, an object with `name` and arguments, or null where nothing is a choice.
class CORNU_API Choice {
 public:
  virtual ~Choice() = default;
  /// What it is a choice of, for error texts and documentation: "initializer".
  virtual std::string_view kind() const = 0;
  virtual nlohmann::json to_json() const = 0;
  /// Throws ConfigError on unknown names and options; `*this` is then unchanged.
  virtual void assign(const nlohmann::json& config) = 0;
};

/// A visitor over the fields of an option struct. Each option struct has one function
///
///     void describe(Fields& fields) {
///       fields.field("momentum", momentum, Range::closed(0, 1), "part of the old value kept");
///       ...
///     }
///
/// in Keras's order, and that one description serves writing the config, reading it strictly,
/// checking ranges at construction, printing, and the reference pages.
class CORNU_API Fields {
 public:
  virtual ~Fields() = default;

  virtual void field(const char* name, bool& value, const char* help) = 0;
  virtual void field(const char* name, int& value, Range range, const char* help) = 0;
  virtual void field(const char* name, std::size_t& value, Range range, const char* help) = 0;
  virtual void field(const char* name, double& value, Range range, const char* help) = 0;
  virtual void field(const char* name, std::string& value, const char* help) = 0;
  virtual void field(const char* name, Choice& value, const char* help) = 0;
  virtual void field(const char* name, std::vector<int>& value, Range range, const char* help) = 0;
  /// One of a fixed set of words; anything else is refused with the set and the nearest match.
  virtual void field(const char* name, std::string& value, std::vector<std::string> words,
                     const char* help) = 0;
  /// Pairs of numbers: [[1, 0], [2, 2]].
  virtual void field(const char* name, std::vector<std::array<int, 2>>& value, Range range,
                     const char* help) = 0;
  /// A whole shape, the samples' axis in front; 0 is null in JSON.
  virtual void field(const char* name, Shape& value, const char* help) = 0;
  /// A number for which 0 stands for "not given": null in JSON.
  virtual void optional(const char* name, std::size_t& value, const char* help) = 0;
  virtual void optional(const char* name, double& value, const char* help) = 0;
  /// Constructor-only arguments (`weights`), never part of a config.
  virtual void argument(const char* name, std::vector<Tensor>& value, const char* help) = 0;
  /// `batch_input_shape` and `input_dtype`, present only where a layer was given an input shape.
  /// `sample_shape` excludes the samples' axis; `samples` 0 stands for null. `indices`: the dtype
  /// is "int32".
  virtual void input_shape(Shape& sample_shape, std::size_t& samples, bool indices = false) = 0;

  /// Between `begin_additions` and `end_additions` stand fields that a file may leave out because
  /// Keras 1.0.3 does not write them (or wrote them only later); the default then holds.
  virtual void begin_additions() {}
  virtual void end_additions() {}
  /// Whether additions at their defaults are to be visited too. False for the writer of configs,
  /// for what Keras 1 has no word for at all: its configs stay as they are unless such an option is
  /// set.
  virtual bool visits_defaults() const { return true; }
};

/// Checks the range of every described field; throws ConfigError `[place] momentum ...`.
CORNU_API void check_fields(const std::function<void(Fields&)>& describe, const std::string& place);

/// One line of an option struct's documentation.
struct FieldNote {
  std::string name, type, standard, range, help;
};
/// The fields of a default-made option struct, for the reference pages.
CORNU_API std::vector<FieldNote> document_fields(const std::function<void(Fields&)>& describe);

}  // namespace cornu
