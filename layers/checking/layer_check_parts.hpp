#pragma once

// Not a public header: how the parts of check_layer share their work.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "cornu/layers/checking/layer_check.hpp"
#include "cornu/layers/checking/layer_probe.hpp"

namespace cornu::detail {

inline bool same_bits(ConstArray a, ConstArray b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

inline bool finite(ConstArray values) {
  return std::all_of(values.begin(), values.end(), [](Scalar v) { return std::isfinite(v); });
}

/// The checks on one layer; each takes down what it finds.
class LayerCheck {
 public:
  using Run = LayerProbe::Run;

  LayerCheck(const Layer& layer, const std::vector<Shape>& inputs,
             const LayerCheckOptions& options);
  LayerReport run();

 private:
  void expect(bool holds, const std::string& failure);
  bool passed() const { return report_.passed(); }

  /// Buffers with the same random input each time, everything else poisoned.
  Run start(std::size_t samples) const;
  /// Whether nothing wrote outside of its array.
  static bool intact(const Run& run);
  /// Whether two runs have the same bits in all gradients.
  static bool same_gradients(const Run& a, const Run& b);

  // layer_check.cpp
  void check_build();
  void check_allocations();
  void check_update();
  void check_carried(bool training);
  void check_gradients();
  void check_config();
  void check_weights();
  // layer_check_forward.cpp
  void check_forward(bool training);
  void check_honesty_of_forward(const Run& run, bool training);
  void check_threads();
  // layer_check_backward.cpp
  void check_backward();
  void check_accumulation(const Run& before, const Run& run);
  void check_assignment(const Run& before, const Run& run);
  void check_honesty_of_backward(const Run& before, const Run& run);
  void check_unwanted(const Run& before, const Run& run);
  void check_in_place();

  LayerCheckOptions options_;
  LayerProbe probe_;
  Traits traits_;
  std::size_t samples_ = 0;
  LayerReport report_;
};

}  // namespace cornu::detail
