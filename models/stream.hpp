#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

class Model;

/// A trained network that listens: it is handed one time step after the other and answers each,
/// with what `predict` would say of the whole sequence so far, within rounding.
///
///     Stream stream(model);
///     Tensor x(Shape{1, 8}), y(Shape{1, 4});
///     while (listen(x)) { stream.step(x, y); act(y); }
///
/// The first axis of a sample is that of time, which a step leaves out: a model on (T, 8) is handed
/// (samples, 8), one that begins with an Embedding the words (samples). What the model makes of
/// each step it answers at each step; what it makes of the whole (a recurrent layer without
/// return_sequences, and what follows), it answers as if the sequence ended now. Steps that a
/// Masking layer or an Embedding masks are skipped, as in `predict`.
///
/// It takes layers whose output at a step depends on that step and on earlier ones alone: recurrent
/// layers that do not go backwards, TimeDistributed, Embedding, what works on each number or each
/// step alone. Others are refused by name.
///
/// A stream owns its memory and a copy of the weights, which stay as they were when it was made;
/// copies of a stream share them. So `step` takes no lock, allocates nothing from the first call
/// on, and any number of streams of one model may run in as many threads, beside each other, beside
/// predicting and beside training; only making one must not be done while the model is being
/// trained. One stream serves one thread at a time.
class CORNU_API Stream {
 public:
  /// For `samples` sequences at once, from their beginning. Throws ConfigError, naming the layer,
  /// when the model cannot be followed step by step.
  explicit Stream(const Model& model, std::size_t samples = 1);
  ~Stream();
  /// The copy goes on from the same states by itself.
  Stream(const Stream& other);
  Stream& operator=(const Stream& other);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  std::size_t samples() const noexcept;
  /// The shapes (samples, ...) of a step of each input and output.
  const std::vector<Shape>& input_shapes() const noexcept;
  const std::vector<Shape>& output_shapes() const noexcept;

  /// One step on: y from x, in tensors of the shapes above. Throws ShapeError, before anything
  /// changes, for others, and when a word is none of an Embedding's.
  void step(const Tensor& x, Tensor& y);
  /// The same in the caller's memory, which holds as many numbers.
  void step(const Scalar* x, Scalar* y);
  /// For models of several inputs or outputs, in their order.
  void step(std::span<const Scalar* const> x, std::span<Scalar* const> y);

  /// Begins anew, as a stream that was just made.
  void reset() noexcept;
  /// What is remembered of the steps so far, to be kept or handed to another stream of the same
  /// model: for each recurrent layer in order h, and LSTM's c (samples, H).
  std::vector<Tensor> state() const;
  /// Goes on from there. Throws ShapeError, changing nothing, for other numbers or shapes.
  void set_state(const std::vector<Tensor>& state);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cornu
