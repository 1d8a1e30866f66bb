#include "cornu/core/text/json_reader.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/core/registry.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/number_text.hpp"

namespace cornu::detail {
namespace {

constexpr std::size_t window_size = 64 * 1024;

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// `c` is negative at the end.
std::string seen(int c) {
  if (c < 0) return "the end of the text";
  const char byte = static_cast<char>(c);
  return "'" + printable({&byte, 1}) + "'";
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string place, const JsonLimits& limits)
    : place_(std::move(place)),
      limits_(limits),
      text_(text.data()),
      begin_(text.data()),
      at_(text.data()),
      end_(text.data() + text.size()) {}

JsonReader::JsonReader(ByteSource& source, std::string place, const JsonLimits& limits)
    : place_(std::move(place)), limits_(limits), source_(&source), buffer_(window_size) {
  begin_ = at_ = end_ = buffer_.data();
}

// ---- the window

JsonReader::Position JsonReader::position() {
  Position result = window_;
  result.offset += static_cast<std::uint64_t>(at_ - begin_);
  for (const char* p = begin_; p != at_; ++p) {
    p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(at_ - p)));
    if (p == nullptr) break;
    ++result.line;
    result.line_start = window_.offset + static_cast<std::uint64_t>(p - begin_) + 1;
  }
  begin_ = at_;  // no line is counted twice
  window_ = result;
  return result;
}

void JsonReader::go_to(const Position& position) {
  if (source_ == nullptr) {
    begin_ = at_ = text_ + position.offset;
    window_ = position;
    return;
  }
  source_->seek(position.offset);
  window_ = position;
  begin_ = at_ = end_ = buffer_.data();
}

// Makes at least `wanted` bytes stand in the window, or all that is left; false when there are
// less.
bool JsonReader::fill(std::size_t wanted) {
  std::size_t left = static_cast<std::size_t>(end_ - at_);
  if (left >= wanted || source_ == nullptr) return left >= wanted;
  window_ = position();
  if (left != 0) std::memmove(buffer_.data(), at_, left);
  while (left < wanted) {
    const std::size_t got = source_->read(buffer_.data() + left, buffer_.size() - left);
    if (got == 0) break;
    left += got;
  }
  begin_ = at_ = buffer_.data();
  end_ = begin_ + left;
  return left >= wanted;
}

int JsonReader::look_at(std::uint64_t offset) {
  if (source_ == nullptr)
    return offset < static_cast<std::uint64_t>(end_ - text_)
               ? static_cast<unsigned char>(text_[offset])
               : end_of_text;
  const Position here = position();
  const std::uint64_t ahead = offset - here.offset;
  if (offset >= here.offset && ahead < window_size / 2 && fill(ahead + 1))
    return static_cast<unsigned char>(at_[ahead]);
  go_to({offset, here.line, here.line_start});
  const int c = look();
  go_to(here);
  return c;
}

void JsonReader::skip_space() {
  for (;;) {
    while (at_ != end_ && is_space(*at_)) ++at_;
    if (at_ != end_ || !fill(1)) return;
  }
}

void JsonReader::fail(std::string_view what, std::string_view help) {
  const Position p = position();
  throw FormatError(
      place_ + ":" + std::to_string(p.line) + ":" + std::to_string(p.offset - p.line_start + 1),
      what, help);
}

void JsonReader::fail_here(std::string_view expected) {
  const int c = look();
  fail("expected " + std::string(expected) + ", got " + seen(c),
       c == end_of_text ? "the text is cut off" : "");
}

void JsonReader::expect(char c, const char* what) {
  skip_space();
  if (look() != c) fail_here(what);
  ++at_;
}

// ---- values

JsonReader::Kind JsonReader::peek() {
  skip_space();
  const int c = look();
  switch (c) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      break;
  }
  if (c == '-' || (c >= '0' && c <= '9')) return Kind::number;
  fail_here("a value");
}

void JsonReader::enter() {
  if (++depth_ > limits_.depth)
    fail("nested deeper than " + std::to_string(limits_.depth) + " levels");
}

void JsonReader::begin_object() {
  expect('{', "'{'");
  enter();
}

bool JsonReader::next_key(std::string& key, bool first) {
  skip_space();
  if (look() == '}') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    expect(',', "',' or '}'");
    skip_space();
  }
  if (look() != '"') fail_here("a key");
  key = string();
  expect(':', "':'");
  return true;
}

void JsonReader::fail_twice(std::string_view key) {
  fail("the key '" + printable(key) + "' stands twice in one object");
}

void JsonReader::begin_array() {
  expect('[', "'['");
  enter();
}

bool JsonReader::next_element(bool first) {
  skip_space();
  if (look() == ']') {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) expect(',', "',' or ']'");
  return true;
}

void JsonReader::word(std::string_view text) {
  skip_space();
  fill(text.size());
  if (static_cast<std::size_t>(end_ - at_) < text.size() ||
      std::string_view(at_, text.size()) != text)
    fail_here("'" + std::string(text) + "'");
  at_ += text.size();
}

bool JsonReader::boolean() {
  const bool value = (skip_space(), look() == 't');
  word(value ? "true" : "false");
  return value;
}

void JsonReader::null() { word("null"); }

std::string_view JsonReader::number() {
  skip_space();
  fill(longest_number);
  const char* end = number_end(at_, end_);
  if (end == at_) fail_here("a number");
  if (static_cast<std::size_t>(end - at_) >= longest_number)
    fail("a number of more than " + std::to_string(longest_number) + " characters");
  const std::string_view text(at_, static_cast<std::size_t>(end - at_));
  at_ = end;
  return text;
}

std::string JsonReader::string() {
  std::string result;
  skip_space();
  if (look() != '"') fail_here("a string");
  ++at_;
  read_string(result);
  return result;
}

void JsonReader::finish() {
  skip_space();
  if (look() != end_of_text) fail("expected the end of the text, got " + seen(look()));
}

// ---- numbers in bulk

namespace {

bool nonfinite(std::string_view word, Scalar& value) {
  using Limits = std::numeric_limits<Scalar>;
  if (word == "NaN") return value = Limits::quiet_NaN(), true;
  if (word == "Infinity") return value = Limits::infinity(), true;
  if (word == "-Infinity") return value = -Limits::infinity(), true;
  return false;
}

}  // namespace

void JsonReader::numbers(Array out, bool allow_nonfinite) {
  const auto count = [&] { return std::to_string(out.size()) + " numbers"; };
  begin_array();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!next_element(i == 0)) fail("expected " + count() + ", got " + std::to_string(i));
    if (peek() == Kind::string && allow_nonfinite) {
      if (!nonfinite(string(), out[i])) fail("expected a number");
      continue;
    }
    const NumberError error = read_number(number(), out[i]);
    if (error == NumberError::overflow)
      fail(std::string("a number beyond the range of ") +
           (sizeof(Scalar) == 4 ? "float" : "double"));
  }
  if (next_element(out.empty())) fail("expected " + count() + ", got more");
}

}  // namespace cornu::detail
