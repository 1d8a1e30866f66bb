#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include "cornu/core/export.hpp"
#include "cornu/training/scores.hpp"

namespace cornu {

/// Prints how a run goes. Level 0: nothing; 1: on a terminal a bar that is redrawn (at most some
/// twenty times a second) with ETA, elsewhere as 2; 2: one line an epoch. The look is Keras 1's:
/// `12/48 [======>...............] - ETA: 3s - loss: 0.4310 - acc: 0.8812`. The bar fits the
/// terminal's width: it gets narrower, then the last scores are left out, the loss never.
/// `update` between redraws costs one clock reading and does not allocate.
class CORNU_API Progress {
 public:
  /// A terminal that calls itself dumb (TERM=dumb) gets lines. There are no colours.
  explicit Progress(int verbose, std::FILE* out = stdout);
  /// Ends the line of a bar that was not finished.
  ~Progress() { abandon(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// "Train on 1000 samples, validate on 200 samples"; without validation, nothing, as Keras.
  void begin_training(std::size_t samples, std::size_t validation_samples);
  /// "Epoch 1/10"; `epoch` counts from 0. With `epochs` 0, as for `evaluate`, there is a bar on a
  /// terminal and nothing else. `total` is the number of units (samples) to come, 0 when unknown.
  void begin_epoch(std::size_t epoch, std::size_t epochs, std::size_t total);
  /// `done` units so far, and the running averages.
  void update(std::size_t done, const Scores& averages);
  /// The last redraw, with the epoch's averages and validation values.
  void end_epoch(const Scores& scores);
  /// Ends the line of a bar that will not be finished (an interruption, an error), if there is one.
  void abandon() noexcept;

 private:
  void draw(const Scores& scores, bool last);
  void draw_bar(std::size_t place, std::size_t done, std::size_t room);
  void append(const char* format, ...) __attribute__((format(printf, 2, 3)));

  int level_;
  std::FILE* out_;
  bool terminal_;
  bool open_ = false;    ///< a bar stands on the present line
  bool titled_ = false;  ///< there are epochs
  std::size_t total_ = 0, done_ = 0, drawn_width_ = 0;
  double begun_ = 0, drawn_ = 0;  ///< seconds on a steady clock
  std::string line_, tail_;
};

}  // namespace cornu
