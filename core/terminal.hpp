#pragma once

#include <cstddef>
#include <cstdio>

#include "cornu/core/export.hpp"

/// What text that is printed for people can count on.
namespace cornu::terminal {

/// Whether the stream goes to a terminal that can draw over a line (not TERM=dumb).
CORNU_API bool is_terminal(std::FILE* out);
/// The terminal's columns, or 0 where the stream is none or does not say.
CORNU_API std::size_t columns(std::FILE* out);
/// Whether the user's locale (LC_ALL, LC_CTYPE, LANG, the first that is set) is one of UTF-8.
CORNU_API bool utf8();

}  // namespace cornu::terminal
