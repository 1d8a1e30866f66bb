#include "cornu/core/names.hpp"

#include <algorithm>
#include <string>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"

namespace cornu::detail {

bool is_safe_name(std::string_view name) noexcept {
  const auto safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.:/ -").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= longest_name &&
         std::all_of(name.begin(), name.end(), safe) && name.find("..") == std::string_view::npos;
}

void check_name(std::string_view name, std::string_view kind, std::string_view place) {
  if (is_safe_name(name)) return;
  throw ConfigError(place,
                    "expected a " + std::string(kind) +
                        " name of 1 to 256 letters, digits and "
                        "'_.:/ -' without '..', got '" +
                        printable(name) + "'",
                    "names stand in files, drawings and error texts");
}

}  // namespace cornu::detail
