#pragma once

#include <functional>
#include <string_view>

#include "cornu/core/export.hpp"

/// Diagnostics (not progress: that is `training/progress.hpp`). They go through spdlog to standard
/// error unless the user gives them another place.
namespace cornu::log {

enum class Level { debug, info, warning, error, off };

/// Messages below the level are dropped. The default is `warning`.
CORNU_API void set_level(Level level);
/// Every message that passes the level goes to `sink` instead; an empty function restores stderr.
CORNU_API void set_sink(std::function<void(Level, std::string_view)> sink);

CORNU_API void debug(std::string_view message);
CORNU_API void info(std::string_view message);
CORNU_API void warning(std::string_view message);
CORNU_API void error(std::string_view message);

}  // namespace cornu::log
