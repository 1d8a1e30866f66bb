#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cornu/core/tensor.hpp"
#include "cornu/graph/execution.hpp"
#include "cornu/models/data.hpp"

namespace cornu {

class Model;

/// Predicts from one thread, as often and as evenly as a real-time program wants it:
///
///     Predictor predictor(model);
///     while (...) predictor.predict(sensors, actions);  // float sensors[12], actions[4]
///
/// It owns the buffers of one run and takes and fills the caller's memory: every call reads the
/// inputs where they are and writes the outputs where they are wanted. No call takes a lock, and
/// none allocates, the first one included: the constructor has gone through a run already. Each
/// thread makes a Predictor of its own; several of one model work at once.
///
/// It shares the model's weights. What `fit`, `set_weights` or `load_weights` change is what the
/// next call predicts with; they must not run during one. The graph is the one that the model had:
/// a Predictor stays valid, and the same, when the model is moved, compiled, given more layers or
/// destroyed.
class CORNU_API Predictor {
 public:
  /// Calls are worked off in pieces of at most `batch_size` samples, which is what memory is kept
  /// for. Throws ConfigError for 0, for a model without layers or with axes that are open.
  explicit Predictor(const Model& model, std::size_t batch_size = 1);
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  std::size_t batch_size() const;
  /// Name and sample shape of every input and output, in the order of the model.
  const std::vector<DataSlot>& inputs() const;
  const std::vector<DataSlot>& outputs() const;

  /// One array (samples, ...) for every input and output. `outputs[o]` must have room for
  /// samples * outputs()[o].shape.size() numbers and overlap neither inputs nor other outputs; null
  /// for an output that is not wanted. Throws ConfigError for a wrong number of arrays.
  void predict(std::span<const Scalar* const> inputs, std::span<Scalar* const> outputs,
               std::size_t samples = 1);
  /// For a model of one input and one output.
  void predict(const Scalar* input, Scalar* output, std::size_t samples = 1);
  /// With shapes (N, ...), which are checked: throws ShapeError when they do not fit.
  void predict(std::span<const ConstView> inputs, std::span<const View> outputs);
  void predict(ConstView input, View output);

 private:
  struct Impl;
  Impl& impl() const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cornu
