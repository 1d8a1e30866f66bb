#include <algorithm>
#include <string_view>

#include "cornu/core/text/json_reader.hpp"

namespace cornu::detail {
namespace {

/// The first quote or backslash; in blocks, of which compilers make vector code.
const char* find_quote_or_backslash(const char* at, const char* end) {
  constexpr std::ptrdiff_t block = 64;
  const auto wanted = [](char c) { return (c == '"') | (c == '\\'); };
  for (; end - at >= block; at += block) {
    bool found = false;
    for (std::ptrdiff_t i = 0; i < block; ++i) found |= wanted(at[i]);
    if (found) break;
  }
  return std::find_if(at, end, wanted);
}

}  // namespace

void JsonReader::skip_string() {
  ++at_;
  for (;;) {  // to the closing quote, which no backslash stands before
    if (look() == end_of_text) fail_here("'\"' at the end of a string");
    at_ = find_quote_or_backslash(at_, end_);
    if (at_ == end_) continue;
    if (*at_++ == '"') return;
    if (look() != end_of_text) ++at_;
  }
}

void JsonReader::skip() {
  const std::size_t outside = depth_;
  const Kind kind = peek();
  do {
    switch (look()) {
      case end_of_text:
        fail_here("a closing bracket");
      case '"':
        skip_string();
        break;
      case '[':
      case '{':
        ++at_;
        enter();
        break;
      case ']':
      case '}':
        ++at_;
        --depth_;
        break;
      default:
        ++at_;
    }
  } while (depth_ != outside);
  if (kind != Kind::number && kind != Kind::boolean && kind != Kind::null) return;
  while (look() != end_of_text &&
         std::string_view(",]} \n\t\r").find(*at_) == std::string_view::npos)
    ++at_;
}

}  // namespace cornu::detail
