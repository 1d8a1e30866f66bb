#include "cornu/core/threads.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>

#include "cornu/core/cpu_quota.hpp"
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

/// How long threads wait awake for the next job before they sleep: longer than what one thread does
/// alone within a training step. A sleeper takes some 50 microseconds to come back, which after
/// such a pause does not matter any more.
constexpr auto awake = std::chrono::microseconds(500);

/// Waits awake until the condition holds, but not for longer than `most`. Between looks the core
/// goes to whoever else wants it: on a busy machine perhaps to the very thread waited for.
template <class Condition>
void wait_awake(const Condition& condition, std::chrono::microseconds most) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begun = Clock::now();
  do {
    for (int i = 0; i < 50; ++i) {
      if (condition()) return;
      relax();
    }
    std::this_thread::yield();
  } while (Clock::now() - begun < most);
}

/// The cores that this process may use.
std::size_t available_cores() {
  static const std::size_t cores = [] {
    const std::size_t present = std::max(1u, std::thread::hardware_concurrency());
    const std::size_t granted = detail::cores_of_quota();
    return granted == 0 ? present : std::min(present, granted);
  }();
  return cores;
}

/// Keeps the code of this library in memory until the process ends: threads run it that nobody
/// joins, also when the plug-in that brought it along is unloaded.
void keep_code_loaded() {
  Dl_info library{};
  if (dladdr(reinterpret_cast<const void*>(&keep_code_loaded), &library) != 0)
    dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

/// Threads that wait for parts of one job at a time: first spinning, as the next job of a training
/// step comes within microseconds, then asleep.
class Pool {
 public:
  /// Never destroyed: its threads may outlive `main`. A forked child, which has none of them, gets
  /// a pool of its own; the parent's may have been copied in the middle of a job.
  static Pool& instance() {
    static std::atomic<Pool*>& pool = *[] {
      keep_code_loaded();
      pthread_atfork(nullptr, nullptr, [] { instances().store(new Pool); });
      instances().store(new Pool);
      return &instances();
    }();
    return *pool.load(std::memory_order_acquire);
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
    // After the last number of 32 bits comes 0 again.
    const std::uint64_t job = (ticket_.load() + (std::uint64_t{1} << 32)) >> 32;
    ticket_.store(job << 32 | parts);
    if (sleepers_.load() > 0) {
      const std::scoped_lock lock(mutex_);
      wake_.notify_all();
    }
    while (take_part(job)) {
    }
    const auto done = [&] { return finished_.load(std::memory_order_acquire) == parts; };
    while (!done()) wait_awake(done, awake);
    busy_.store(false, std::memory_order_release);
  }

 private:
  static std::atomic<Pool*>& instances() {
    static std::atomic<Pool*> current{nullptr};
    return current;
  }

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
      const auto called = [&] { return ticket_.load() >> 32 != seen; };
      wait_awake(called, awake);
      if (!called()) {
        std::unique_lock lock(mutex_);
        ++sleepers_;
        wake_.wait(lock, called);
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

void set_num_threads(std::size_t threads) {
  // More threads than this only take memory, for good: they sleep, but do not end.
  chosen = std::min(threads, 4 * std::max(available_cores(), std::size_t{4}));
}

std::size_t num_threads() {
  const std::size_t threads = chosen.load(std::memory_order_relaxed);
  return threads == 0 ? available_cores() : threads;
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
