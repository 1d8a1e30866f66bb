#include "cornu/core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>

#include "cornu/core/parallel.hpp"

namespace cornu {
namespace {

std::atomic<std::size_t> chosen{0};

/// Tells the processor that this is a waiting loop.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/// Threads that wait for parts of one job at a time: first spinning, as the next job of a training
/// step comes within microseconds, then asleep.
class Pool {
 public:
  /// Never destroyed: its threads may outlive `main`, and a forked child has none to join.
  static Pool& instance() {
    static Pool* const pool = new Pool;
    return *pool;
  }

  void run(std::size_t parts, void (*function)(const void*, std::size_t), const void* context,
           std::size_t threads) {
    if (busy_.exchange(true, std::memory_order_acquire)) {
      for (std::size_t part = 0; part < parts; ++part) function(context, part);
      return;
    }
    start(threads - 1);
    function_ = function;
    context_ = context;
    finished_.store(0, std::memory_order_relaxed);
    const std::uint64_t job = (ticket_.load() >> 32) + 1;
    ticket_.store(job << 32 | parts);
    if (sleepers_.load() > 0) {
      const std::scoped_lock lock(mutex_);
      wake_.notify_all();
    }
    while (take_part(job)) {
    }
    for (unsigned spins = 0; finished_.load(std::memory_order_acquire) != parts; ++spins)
      spins < spins_before_sleep ? relax() : std::this_thread::yield();
    busy_.store(false, std::memory_order_release);
  }

 private:
  static constexpr unsigned spins_before_sleep = 2000;

  void start(std::size_t workers) {
    for (; workers_ < workers; ++workers_) {
      try {
        std::thread([this] { work(); }).detach();
      } catch (const std::system_error&) {
        return;  // fewer threads are only slower
      }
    }
  }

  /// Takes and runs one part of the job; false when none is left. The ticket holds the job's number
  /// and how many parts are left, so that a thread that comes late cannot take a part of another
  /// job; while a taken part is unfinished, the job stays what it is.
  bool take_part(std::uint64_t job) {
    std::uint64_t ticket = ticket_.load();
    do {
      if (ticket >> 32 != job || (ticket & 0xffffffff) == 0) return false;
    } while (!ticket_.compare_exchange_weak(ticket, ticket - 1));
    function_(context_, static_cast<std::size_t>((ticket & 0xffffffff) - 1));
    finished_.fetch_add(1, std::memory_order_release);
    return true;
  }

  void work() {
    std::uint64_t seen = 0;
    for (;;) {
      for (unsigned spins = 0; ticket_.load() >> 32 == seen && spins < spins_before_sleep; ++spins)
        relax();
      if (ticket_.load() >> 32 == seen) {
        std::unique_lock lock(mutex_);
        ++sleepers_;
        wake_.wait(lock, [&] { return ticket_.load() >> 32 != seen; });
        --sleepers_;
      }
      seen = ticket_.load() >> 32;
      while (take_part(seen)) {
      }
    }
  }

  // Apart, so that threads that wait for one do not slow down writing another.
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<std::size_t> finished_{0};
  alignas(64) std::atomic<bool> busy_{false};
  void (*function_)(const void*, std::size_t) = nullptr;
  const void* context_ = nullptr;
  std::size_t workers_ = 0;
  std::atomic<std::size_t> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable wake_;
};

}  // namespace

void set_num_threads(std::size_t threads) { chosen = threads; }

std::size_t num_threads() {
  static const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t threads = chosen.load(std::memory_order_relaxed);
  return threads == 0 ? cores : threads;
}

namespace detail {

void run_parts(std::size_t parts, void (*run)(const void* context, std::size_t part),
               const void* context) noexcept {
  const std::size_t threads = std::min(num_threads(), parts);
  if (threads > 1) return Pool::instance().run(parts, run, context, threads);
  for (std::size_t part = 0; part < parts; ++part) run(context, part);
}

}  // namespace detail
}  // namespace cornu
