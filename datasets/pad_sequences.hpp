#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// How sequences are brought to one length; the names and defaults of Keras.
struct PadOptions {
  std::size_t maxlen = 0;          ///< the length; 0: that of the longest sequence
  std::string padding = "pre";     ///< where short ones are filled up: "pre" or "post"
  std::string truncating = "pre";  ///< where long ones lose steps
  Scalar value = 0;                ///< what they are filled up with
};

/// Sequences of words or numbers as one array (N, maxlen), for an Embedding with mask_zero:
///
///     pad_sequences({{3, 1, 4}, {1, 5}}, {.padding = "post"})   // [[3, 1, 4], [1, 5, 0]]
///
/// Throws ConfigError for other words than "pre" and "post", ShapeError when all sequences are
/// empty and no maxlen is given, or there are none. (Keras 1.0.3, preprocessing/sequence.py)
CORNU_API Tensor pad_sequences(const std::vector<std::vector<Scalar>>& sequences,
                               const PadOptions& options = {});
/// Sequences (T, ...) whose steps have one shape, as one array (N, maxlen, ...). Throws ShapeError
/// when the shapes of the steps differ.
CORNU_API Tensor pad_sequences(const std::vector<Tensor>& sequences,
                               const PadOptions& options = {});

}  // namespace cornu
