#include "cornu/core/error.hpp"

namespace cornu {
namespace {

std::string text(std::string_view place, std::string_view what, std::string_view help) {
  std::string result;
  result.reserve(place.size() + what.size() + help.size() + 12);
  result.append("[").append(place).append("] ").append(what);
  if (!help.empty()) result.append("; help: ").append(help);
  return result;
}

}  // namespace

Error::Error(std::string_view place, std::string_view what, std::string_view help)
    : std::runtime_error(text(place, what, help)), place_(place) {}

// The destructors stand here so that each class has one home for its type information.
Error::~Error() = default;
ConfigError::~ConfigError() = default;
ShapeError::~ShapeError() = default;
FormatError::~FormatError() = default;
IoError::~IoError() = default;
NumericError::~NumericError() = default;

std::string detail::text_without_place(const Error& error) {
  return std::string(error.what()).substr(error.place().size() + 3);
}

}  // namespace cornu
