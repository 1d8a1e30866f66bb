#include "cornu/core/error.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace cornu {
namespace {

std::string error_text(std::string_view place, std::string_view what, std::string_view help) {
  std::string result;
  result.reserve(place.size() + what.size() + help.size() + 12);
  result.append("[").append(place).append("] ").append(what);
  if (!help.empty()) result.append("; help: ").append(help);
  return result;
}

}  // namespace

Error::Error(std::string_view place, std::string_view what, std::string_view help)
    : place_(place), text_(error_text(place, what, help)) {}

// The destructors stand here so that each class has one home for its type information.
Error::~Error() = default;
detail::RuntimeError::~RuntimeError() = default;
ConfigError::~ConfigError() = default;
ShapeError::~ShapeError() = default;
FormatError::~FormatError() = default;
IoError::~IoError() = default;
NumericError::~NumericError() = default;
MemoryError::~MemoryError() = default;

std::string detail::text_without_place(const Error& error) {
  return std::string(error.what()).substr(error.place().size() + 3);
}

std::string detail::bytes_text(double bytes) {
  constexpr std::array units = {" bytes", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.size(); ++unit) bytes /= 1024;
  char text[64];
  const int digits = unit == 0 || bytes == static_cast<double>(static_cast<int>(bytes)) ? 0 : 1;
  const auto end =
      std::to_chars(text, text + sizeof text, bytes, std::chars_format::fixed, digits).ptr;
  return std::string(text, end) + units[unit];
}

}  // namespace cornu
