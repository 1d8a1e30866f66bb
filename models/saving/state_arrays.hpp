#pragma once

// Not a public header: arrays of the states of callbacks and metrics in a file.

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cornu/models/saving/model_file.hpp"
#include "cornu/training/state_array.hpp"

namespace cornu::detail {

/// Whose the arrays of the metric of that number are.
std::string owner_of_metric(std::size_t index);

/// What a file's section `training` keeps beside the accumulators: arrays "state/0", "state/1", ...
/// among theirs, and under the key `arrays` whose they are: {"of", "name", "shape"} each.
class KeptArrays {
 public:
  KeptArrays() = default;
  /// Places for what `description`, the value of that key, says is in a file. Throws FormatError,
  /// before memory is taken, when it is malformed or says more than `most_elements` numbers.
  KeptArrays(const nlohmann::json& description, std::size_t most_elements);

  bool empty() const noexcept { return kept_.empty(); }
  void add(const std::string& of, StateArrays arrays);
  /// Those of callbacks, by their keys.
  void add_callbacks(const std::map<std::string, StateArrays>& arrays);
  std::map<std::string, StateArrays> callbacks() const;
  nlohmann::json description() const;
  /// Appends the arrays as a file names them. The places stay valid while this object is unchanged.
  void append_to(std::vector<NamedArray>& arrays) const;
  void append_to(std::vector<NamedTarget>& targets);
  /// Copies of those that belong to one owner.
  StateArrays of(const std::string& owner) const;

 private:
  struct Kept {
    std::string of;
    StateArray array;
  };
  std::vector<Kept> kept_;
};

}  // namespace cornu::detail
