#pragma once

// Not a public header: users see each kind's `register_...` and `find_...`.

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/export.hpp"

namespace cornu {

namespace detail {

/// Throws ConfigError: `unknown initializer 'zreo'; help: did you mean 'zero'? known: ...`.
[[noreturn]] CORNU_API void throw_unknown_name(std::string_view place, std::string_view kind,
                                               std::string_view name,
                                               const std::vector<std::string>& known);

/// Text that came from outside, fit to stand in an error: cut after `most` bytes, everything but
/// printable ASCII as \x..
CORNU_API std::string printable(std::string_view text, std::size_t most = 80);

/// The known name that another framework's `name` stands for ("bce"), else the nearest one by edit
/// distance (case and underscores ignored), or "" when none is near.
CORNU_API std::string nearest_name(std::string_view name, const std::vector<std::string>& known);

}  // namespace detail

/// Things found by name. Reading and adding are safe from several threads at once.
/// `kind` is the word for one of them in error texts: "activation". Every kind has one, made when
/// it is first asked for and never destroyed, as other static objects may use it before and after
/// main:
///
///     Registry<Thing>& things() {
///       static auto& registry = *new Registry<Thing>("thing", detail::builtin_things());
///       return registry;
///     }
template <class T>
class Registry {
 public:
  explicit Registry(std::string kind, std::vector<std::pair<std::string, T>> builtins = {})
      : kind_(std::move(kind)) {
    for (auto& [name, value] : builtins) add(name, std::move(value));
  }

  /// Throws ConfigError when the name is empty or taken.
  void add(const std::string& name, T value) {
    const std::scoped_lock lock(mutex_);
    if (name.empty()) throw ConfigError(kind_ + " registry", "expected a name, got ''");
    if (!entries_.emplace(name, std::move(value)).second)
      throw ConfigError(kind_ + " registry", "the name '" + name + "' is taken",
                        "register it under another name");
  }

  /// The entry of that name. Throws ConfigError with the known names and the nearest match;
  /// `place` is where the name was asked for.
  T find(std::string_view name, std::string_view place) const {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto found = entries_.find(name); found != entries_.end()) return found->second;
    }
    detail::throw_unknown_name(place, kind_, name, names());
  }

  bool contains(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    return entries_.find(name) != entries_.end();
  }

  /// All names, sorted.
  std::vector<std::string> names() const {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> result;
    for (const auto& [name, value] : entries_) result.push_back(name);
    return result;
  }

  const std::string& kind() const noexcept { return kind_; }

 private:
  std::string kind_;
  mutable std::mutex mutex_;
  std::map<std::string, T, std::less<>> entries_;
};

}  // namespace cornu
