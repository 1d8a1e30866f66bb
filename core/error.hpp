#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cornu/core/export.hpp"

namespace cornu {

/// Base of everything that Cornu throws on purpose. The text reads
/// `[place] what was expected and what was got; help: what to do`.
/// An object whose member function threw is as it was before the call.
///
/// Every class below is a `std::exception`, too: a `std::runtime_error`, or for MemoryError a
/// `std::bad_alloc`. Which of them is not said here, since no class can be both.
class CORNU_API Error {
 public:
  virtual ~Error();

  virtual const char* what() const noexcept = 0;
  /// The part of the text between the brackets: a layer ("dense_2 (Dense)"), a function ("fit") or
  /// a file.
  const std::string& place() const noexcept { return place_; }

  /// The same object, for functions that take one of the standard library's.
  operator const std::exception&() const noexcept { return standard(); }  // NOLINT

 protected:
  /// `help` may be empty.
  Error(std::string_view place, std::string_view what, std::string_view help);
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

  const std::string& text() const noexcept { return text_; }

 private:
  virtual const std::exception& standard() const noexcept = 0;

  std::string place_, text_;
};

namespace detail {

/// An Error that is a `std::runtime_error`.
class CORNU_API RuntimeError : public Error, public std::runtime_error {
 public:
  RuntimeError(std::string_view place, std::string_view what, std::string_view help = {})
      : Error(place, what, help), std::runtime_error(text()) {}
  ~RuntimeError() override;

  const char* what() const noexcept override { return text().c_str(); }

 private:
  const std::exception& standard() const noexcept override { return *this; }
};

}  // namespace detail

/// An option, name or call that cannot be: unknown names, values out of range, an uncompiled model.
class CORNU_API ConfigError : public detail::RuntimeError {
 public:
  using RuntimeError::RuntimeError;
  ~ConfigError() override;
};

/// Shapes or sample counts that do not fit.
class CORNU_API ShapeError : public detail::RuntimeError {
 public:
  using RuntimeError::RuntimeError;
  ~ShapeError() override;
};

/// A text or file that is not what it should be.
class CORNU_API FormatError : public detail::RuntimeError {
 public:
  using RuntimeError::RuntimeError;
  ~FormatError() override;
};

/// The operating system refused: unreadable, unwritable, full.
class CORNU_API IoError : public detail::RuntimeError {
 public:
  using RuntimeError::RuntimeError;
  ~IoError() override;
};

/// A number that is not finite where it must be.
class CORNU_API NumericError : public detail::RuntimeError {
 public:
  using RuntimeError::RuntimeError;
  ~NumericError() override;
};

/// An array that the machine has no memory for: which one, its shape and its bytes.
class CORNU_API MemoryError : public Error, public std::bad_alloc {
 public:
  MemoryError(std::string_view place, std::string_view what, std::string_view help = {})
      : Error(place, what, help) {}
  ~MemoryError() override;

  const char* what() const noexcept override { return text().c_str(); }

 private:
  const std::exception& standard() const noexcept override { return *this; }
};

namespace detail {

/// An error's text after the brackets, for one that is thrown again with a better place.
CORNU_API std::string text_without_place(const Error& error);
/// "16 TiB", "1.5 MiB", "12 bytes". Does not follow the locale.
CORNU_API std::string bytes_text(double bytes);

}  // namespace detail

}  // namespace cornu
