#include "cornu/core/threads.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace cornu {
namespace {

std::atomic<std::size_t> chosen{0};

}  // namespace

void set_num_threads(std::size_t threads) { chosen = threads; }

std::size_t num_threads() {
  static const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t threads = chosen;
  return threads == 0 ? cores : threads;
}

}  // namespace cornu
