#include "cornu/training/sources/read_ahead.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "cornu/core/error.hpp"

namespace cornu {
namespace {

/// A copy of a batch, whose memory is used again for the next one.
class Slot {
 public:
  void fill(const Batch& from) {
    std::size_t next = 0;
    batch_.samples = from.samples;
    copy(from.x, batch_.x, next);
    copy(from.y, batch_.y, next);
    copy(from.sample_weight, batch_.sample_weight, next);
  }
  const Batch& batch() const { return batch_; }

 private:
  void copy(const std::vector<ConstView>& from, std::vector<ConstView>& to, std::size_t& next) {
    to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i, ++next) {
      if (arrays_.size() <= next) arrays_.emplace_back();
      AlignedArray& array = arrays_[next];
      if (array.size() < from[i].size()) array = AlignedArray(from[i].size());
      std::copy_n(from[i].data, from[i].size(), array.data());
      to[i] = {from[i] ? array.data() : nullptr, from[i].shape};
    }
  }

  Batch batch_;
  std::vector<AlignedArray> arrays_;
};

}  // namespace

/// A ring of slots between two threads. The reader fills slot `filled`, the user holds the one
/// before `taken`; a slot that the user holds is not filled until the next one is taken.
struct ReadAhead::State {
  State(BatchSource& from, std::size_t depth) : source(from), slots(depth + 1) {}
  ~State() { stop(); }

  void start(std::size_t epoch) {
    stop();
    filled = taken = 0;
    ended = stopping = false;
    error = nullptr;
    thread = std::thread([this, epoch] { read(epoch); });
  }

  void stop() {
    if (!thread.joinable()) return;
    {
      const std::scoped_lock lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    thread.join();
  }

  void read(std::size_t epoch) {
    try {
      source.begin_epoch(epoch);
      Batch batch;
      while (true) {
        {
          std::unique_lock lock(mutex);
          changed.wait(lock, [this] { return stopping || filled < taken + slots.size() - 1; });
          if (stopping) return;
        }
        if (!source.next(batch)) break;
        slots[filled % slots.size()].fill(batch);
        {
          const std::scoped_lock lock(mutex);
          ++filled;
        }
        changed.notify_all();
      }
    } catch (...) {
      const std::scoped_lock lock(mutex);
      error = std::current_exception();
    }
    {
      const std::scoped_lock lock(mutex);
      ended = true;
    }
    changed.notify_all();
  }

  bool take(Batch& batch) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return ended || taken < filled; });
      if (taken == filled) {
        if (error) std::rethrow_exception(error);
        return false;
      }
      batch = slots[taken % slots.size()].batch();
      ++taken;
    }
    changed.notify_all();
    return true;
  }

  BatchSource& source;
  std::vector<Slot> slots;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t filled = 0, taken = 0;  ///< counts over the epoch
  bool ended = true, stopping = false;
  std::exception_ptr error;
};

ReadAhead::ReadAhead(BatchSource& source, std::size_t depth) {
  if (depth == 0) throw ConfigError("ReadAhead", "expected a depth of at least 1, got 0");
  state_ = std::make_unique<State>(source, depth);
}

ReadAhead::~ReadAhead() = default;

std::size_t ReadAhead::samples() const { return state_->source.samples(); }
void ReadAhead::begin_epoch(std::size_t epoch) { state_->start(epoch); }
bool ReadAhead::next(Batch& batch) { return state_->take(batch); }

}  // namespace cornu
