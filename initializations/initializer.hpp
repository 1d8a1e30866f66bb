#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cornu/core/fields.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/tensor.hpp"

namespace cornu {

/// Fills `out`, an array of the given shape, with initial values. `scale` is the width of those
/// that take one (`uniform`, `normal`, `identity`, `orthogonal`) and ignored by the others.
using InitializerFunction =
    std::function<void(const Shape& shape, double scale, RandomStream& random, Array out)>;

class Initializer;

namespace detail {

struct InitializerEntry;
/// Fills with one number, for layers whose first values are numbers among their options. It has no
/// name that a file could use.
CORNU_API Initializer constant_initializer(double value);
/// Makes the numbers of an array of `shape` and puts them into another of the same size by `place`:
/// for weights whose axes stand in another order than the formulas of initial values have them.
CORNU_API Initializer placed_initializer(const Initializer& initializer, const Shape& shape,
                                         std::function<void(ConstArray from, Array to)> place);
/// Zero but for one of `parts` equal runs of numbers, which another initializer fills. Nor has it.
CORNU_API Initializer part_initializer(const Initializer& part, std::size_t index,
                                       std::size_t parts);

}  // namespace detail

/// A named way to make initial values: `.init = "he_normal"`, or `Initializer("uniform", 0.1)`
/// for another scale. The names and formulas are those of Keras 1 (initializations.py).
class CORNU_API Initializer final : public Choice {
 public:
  /// Throws ConfigError for an unknown name, with the nearest known one.
  Initializer(const char* name) : Initializer(std::string(name)) {}  // NOLINT
  Initializer(const std::string& name);                              // NOLINT
  /// Throws ConfigError also when this initializer takes no scale or the scale is not positive.
  Initializer(const std::string& name, double scale);

  const std::string& name() const noexcept { return name_; }

  /// Throws ShapeError when the initializer cannot make this shape (`identity` of a row).
  void fill(const Shape& shape, RandomStream& random, Array out) const;
  /// The same as a new tensor, drawn from the stream that `set_seed` starts.
  Tensor operator()(const Shape& shape) const;

  std::string_view kind() const override { return "initializer"; }
  nlohmann::json to_json() const override;
  void assign(const nlohmann::json& config) override;

 private:
  friend Initializer detail::constant_initializer(double value);
  friend Initializer detail::placed_initializer(
      const Initializer& initializer, const Shape& shape,
      std::function<void(ConstArray from, Array to)> place);
  friend Initializer detail::part_initializer(const Initializer& part, std::size_t index,
                                              std::size_t parts);
  Initializer(std::string name, std::shared_ptr<const detail::InitializerEntry> entry);

  std::string name_;
  double scale_ = 0;
  bool scale_given_ = false;
  std::shared_ptr<const detail::InitializerEntry> entry_;
};

/// Adds an initializer that is then found by name everywhere, files included. Throws ConfigError
/// when the name is taken. `standard_scale` 0 means that it takes no scale.
CORNU_API void register_initializer(const std::string& name, InitializerFunction function,
                                    double standard_scale = 0);
CORNU_API std::vector<std::string> initializer_names();

/// The number of inputs and outputs that one unit of a weight of this shape sees, by Keras 1.0.3's
/// rules: (s0, s1) for rank 2; for rank 4 and 5 in Theano's order (F, C, k...) C * prod(k) and F;
/// sqrt(prod(s)) for both otherwise.
struct Fans {
  double in, out;
};
CORNU_API Fans fans(const Shape& shape);

}  // namespace cornu
