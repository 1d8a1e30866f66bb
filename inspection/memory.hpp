#pragma once

#include <cstddef>
#include <string>

#include "cornu/core/export.hpp"

namespace cornu {

class Model;

/// The memory of a model, in bytes, as `memory` counts it. Data, metrics and what the program
/// around needs come on top.
struct CORNU_API Memory {
  std::size_t batch_size = 0;
  std::size_t weights = 0;    ///< parameters and states of all layers
  std::size_t gradients = 0;  ///< of the trained parameters; 0 when not compiled, as the next two
  std::size_t optimizer = 0;  ///< its accumulators
  /// Values, gradients of values and scratch of one training step: one arena in which arrays share
  /// memory as soon as their lifetimes allow.
  std::size_t training_arena = 0;
  /// What that would be if every array kept its own.
  std::size_t training_unshared = 0;
  /// The arena of one predicting thread.
  std::size_t prediction_arena = 0;

  /// All that `fit` needs at its peak.
  std::size_t training() const { return weights + gradients + optimizer + training_arena; }
  /// All that `predict` needs in one thread.
  std::size_t prediction() const { return weights + prediction_arena; }

  /// As a table.
  std::string to_string() const;
};

/// The bytes that training and predicting take, in batches of so many samples:
/// `std::cout << memory(model, 128).to_string()`. Nothing is allocated. Throws ConfigError for 0.
CORNU_API Memory memory(const Model& model, std::size_t batch_size = 32);

}  // namespace cornu
