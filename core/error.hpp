#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "cornu/core/export.hpp"

namespace cornu {

/// Base of everything that Cornu throws on purpose. The text reads
/// `[place] what was expected and what was got; help: what to do`.
/// An object whose member function threw is as it was before the call.
class CORNU_API Error : public std::runtime_error {
 public:
  /// `place` is a layer ("dense_2 (Dense)"), a function ("fit") or a file; `help` may be empty.
  Error(std::string_view place, std::string_view what, std::string_view help = {});
  ~Error() override;

  /// The part of the text between the brackets.
  const std::string& place() const noexcept { return place_; }

 private:
  std::string place_;
};

/// An option, name or call that cannot be: unknown names, values out of range, an uncompiled model.
class CORNU_API ConfigError : public Error {
 public:
  using Error::Error;
  ~ConfigError() override;
};

/// Shapes or sample counts that do not fit.
class CORNU_API ShapeError : public Error {
 public:
  using Error::Error;
  ~ShapeError() override;
};

/// A text or file that is not what it should be.
class CORNU_API FormatError : public Error {
 public:
  using Error::Error;
  ~FormatError() override;
};

/// The operating system refused: unreadable, unwritable, full.
class CORNU_API IoError : public Error {
 public:
  using Error::Error;
  ~IoError() override;
};

/// A number that is not finite where it must be.
class CORNU_API NumericError : public Error {
 public:
  using Error::Error;
  ~NumericError() override;
};

namespace detail {

/// An error's text after the brackets, for one that is thrown again with a better place.
CORNU_API std::string text_without_place(const Error& error);

}  // namespace detail

}  // namespace cornu
