#include "cornu/graph/carried.hpp"

#include <algorithm>

#include "cornu/core/error.hpp"

namespace cornu {

void CarriedState::reset() {
  for (CarriedArray& array : arrays) std::fill(array.values.begin(), array.values.end(), Scalar{0});
}

CarriedUse::CarriedUse(CarriedState* state) : state_(state) {
  if (state_ == nullptr) return;
  std::thread::id nobody{};
  const std::thread::id me = std::this_thread::get_id();
  if (state_->user_.load(std::memory_order_relaxed) != me &&
      !state_->user_.compare_exchange_strong(nobody, me, std::memory_order_acquire))
    throw ConfigError("predict",
                      "another thread is using this model, whose layers carry states from batch to "
                      "batch: two at once would mix their samples",
                      "let one thread at a time use it, or give each thread a model of its own");
  ++state_->depth_;
}

CarriedUse::~CarriedUse() {
  if (state_ != nullptr && --state_->depth_ == 0)
    state_->user_.store(std::thread::id(), std::memory_order_release);
}

FreshCarried::FreshCarried(CarriedState* state) : use_(state), state_(state) {
  if (state_ == nullptr) return;
  before_ = state_->arrays;
  state_->reset();
}

FreshCarried::~FreshCarried() {
  for (std::size_t i = 0; i < before_.size(); ++i)
    std::copy(before_[i].values.begin(), before_[i].values.end(), state_->arrays[i].values.begin());
}

}  // namespace cornu
