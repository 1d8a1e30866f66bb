#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "cornu/core/tensor.hpp"

namespace cornu {

/// What a layer carries of each sample from batch to batch: named arrays (N, size).
struct CarriedArray {
  std::string name;  ///< "lstm_1_h"
  std::size_t node;  ///< of the flat graph
  std::size_t slot;
  Tensor values;
};

/// All that the layers of one graph carry. A file of a model has none of it, a checkpoint has.
struct CORNU_API CarriedState {
  std::size_t samples = 0;  ///< N, the number of samples that the model is fixed to
  std::vector<CarriedArray> arrays;

  /// Sets all numbers to 0.
  void reset();

 private:
  friend class CarriedUse;
  std::atomic<std::thread::id> user_{};
  std::size_t depth_ = 0;  ///< of the user's uses within each other
};

/// While one lives, the carried numbers are this thread's. Another thread that asks for them gets a
/// ConfigError in words. Null: there is nothing carried, and any number of threads may go on.
class CORNU_API CarriedUse {
 public:
  explicit CarriedUse(CarriedState* state);
  ~CarriedUse();
  CarriedUse(const CarriedUse&) = delete;
  CarriedUse& operator=(const CarriedUse&) = delete;

 private:
  CarriedState* state_;
};

/// While one lives, a graph carries nothing yet; then all is as it was. For what looks at a model
/// without being part of its run, like the replay of a file's check sample.
class CORNU_API FreshCarried {
 public:
  explicit FreshCarried(CarriedState* state);
  ~FreshCarried();
  FreshCarried(const FreshCarried&) = delete;
  FreshCarried& operator=(const FreshCarried&) = delete;

 private:
  CarriedUse use_;
  CarriedState* state_;
  std::vector<CarriedArray> before_;
};

}  // namespace cornu
