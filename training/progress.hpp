#pragma once

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include "cornu/core/export.hpp"
#include "cornu/training/scores.hpp"

namespace cornu {

/// Prints how a run goes. Level 0: nothing; 1: on a terminal a bar that is redrawn (at most some
/// twenty times a second) with ETA, elsewhere as 2; 2: one line an epoch. The look is Keras 1's:
/// `12/48 [======>...............] - ETA: 3s - loss: 0.4310 - acc: 0.8812`.
/// `update` between redraws costs one clock reading and does not allocate.
class CORNU_API Progress {
 public:
  /// `total` units (samples), 0 when unknown. Honours NO_COLOR and TERM=dumb.
  Progress(int verbose, std::FILE* out = stdout);

  /// "Train on 1000 samples, validate on 200 samples"
  void begin_training(std::size_t samples, std::size_t validation_samples);
  /// "Epoch 1/10"; `epoch` counts from 0.
  void begin_epoch(std::size_t epoch, std::size_t epochs, std::size_t total);
  /// `done` units so far, and the running averages.
  void update(std::size_t done, const Scores& averages);
  /// The last redraw, with the epoch's averages and validation values.
  void end_epoch(const Scores& scores);

 private:
  void draw(std::size_t done, const Scores& scores, bool last);

  int level_;
  std::FILE* out_;
  bool terminal_;
  std::size_t total_ = 0, drawn_width_ = 0;
  std::chrono::steady_clock::time_point begun_, drawn_;
  std::string line_;
};

}  // namespace cornu
