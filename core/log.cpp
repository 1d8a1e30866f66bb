#include "cornu/core/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace cornu::log {
namespace {

using Sink = std::function<void(Level, std::string_view)>;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      break;
  }
  return spdlog::level::off;
}

struct State {
  // Not registered with spdlog, so that a program's own loggers are left alone.
  spdlog::logger logger{"cornu", std::make_shared<spdlog::sinks::stderr_color_sink_mt>()};
  std::atomic<Level> level{Level::warning};
  std::mutex mutex;
  std::shared_ptr<const Sink> sink;  // null: the logger

  State() {
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::debug);
  }
};

// Never destroyed: messages may come from the destructors of other static objects.
State& state() {
  static State* const result = new State;
  return *result;
}

void write(Level level, std::string_view message) {
  State& s = state();
  if (level < s.level.load(std::memory_order_relaxed)) return;
  std::shared_ptr<const Sink> sink;
  {
    const std::scoped_lock lock(s.mutex);
    sink = s.sink;
  }
  // Outside the lock: a sink may itself log or change the sink.
  if (sink)
    (*sink)(level, message);
  else
    s.logger.log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

}  // namespace

void set_level(Level level) { state().level.store(level, std::memory_order_relaxed); }

void set_sink(Sink sink) {
  auto shared = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
  State& s = state();
  const std::scoped_lock lock(s.mutex);
  s.sink.swap(shared);
}

void debug(std::string_view message) { write(Level::debug, message); }
void info(std::string_view message) { write(Level::info, message); }
void warning(std::string_view message) { write(Level::warning, message); }
void error(std::string_view message) { write(Level::error, message); }

}  // namespace cornu::log
