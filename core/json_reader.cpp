#include "cornu/core/json_reader.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "cornu/core/error.hpp"
#include "cornu/core/json.hpp"
#include "cornu/core/number_text.hpp"
#include "cornu/core/registry.hpp"

namespace cornu::detail {
namespace {

constexpr std::size_t window_size = 64 * 1024;
constexpr int end_of_text = -1;

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string seen(int c) {
  if (c == end_of_text) return "the end of the text";
  const char byte = static_cast<char>(c);
  return "'" + printable({&byte, 1}) + "'";
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string place, const JsonLimits& limits)
    : place_(std::move(place)),
      limits_(limits),
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
  return result;
}

void JsonReader::go_to(const Position& position) {
  if (source_ == nullptr) {
    at_ = begin_ + position.offset;  // the window is the text, and stays
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

int JsonReader::look() {
  if (at_ == end_ && !fill(1)) return end_of_text;
  return static_cast<unsigned char>(*at_);
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

// The rest of a string after its opening quote.
void JsonReader::read_string(std::string& out) {
  for (;;) {
    const int c = look();
    if (c == end_of_text || c < 0x20) fail_here("'\"' at the end of a string");
    if (c == '"') {
      ++at_;
      return;
    }
    if (c == '\\')
      read_escape(out);
    else if (c < 0x80)
      out += *at_++;
    else
      read_utf8(out);
    if (out.size() > limits_.string)
      fail("a string of more than " + std::to_string(limits_.string) + " bytes");
  }
}

unsigned JsonReader::read_hex4() {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const int c = look();
    unsigned digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<unsigned>(c - 'A' + 10);
    else
      fail_here("four hexadecimal digits after '\\u'");
    value = value << 4 | digit;
    ++at_;
  }
  return value;
}

void JsonReader::read_escape(std::string& out) {
  ++at_;
  constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  const int c = look();
  if (c == end_of_text) fail_here("a letter after '\\'");
  const std::size_t at = letters.find(static_cast<char>(c));
  if (at != std::string_view::npos) {
    out += meanings[at];
    ++at_;
    return;
  }
  if (c != 'u') fail_here("one of \"\\/bfnrtu after '\\'");
  ++at_;
  unsigned code = read_hex4();
  if (code >= 0xd800 && code < 0xdc00) {  // the first half of a surrogate pair
    word("\\u");
    const unsigned low = read_hex4();
    if (low < 0xdc00 || low > 0xdfff) fail("a surrogate without its second half");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    fail("the second half of a surrogate alone");
  }
  const auto add = [&out](unsigned byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6), add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12), add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18), add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
  }
}

// One character of two to four bytes (Unicode 15, table 3-7).
void JsonReader::read_utf8(std::string& out) {
  fill(4);
  const auto byte = [this](int i) {
    return i < end_ - at_ ? static_cast<unsigned char>(at_[i]) : 0U;
  };
  const unsigned first = byte(0);
  int length = 0;
  unsigned least = 0x80, most = 0xbf;  // of the second byte
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (first == 0xe0) least = 0xa0;
  if (first == 0xed) most = 0x9f;
  if (first == 0xf0) least = 0x90;
  if (first == 0xf4) most = 0x8f;
  bool good = length != 0 && byte(1) >= least && byte(1) <= most;
  for (int i = 2; i < length; ++i) good = good && (byte(i) & 0xc0) == 0x80;
  if (!good) fail("a byte that is not UTF-8");
  out.append(at_, static_cast<std::size_t>(length));
  at_ += length;
}

// ---- trees

nlohmann::json JsonReader::value() {
  const Kind kind = peek();
  if (++values_ > limits_.values) fail("more than " + std::to_string(limits_.values) + " values");
  switch (kind) {
    case Kind::object: {
      nlohmann::json object = nlohmann::json::object();
      begin_object();
      std::string key;
      for (bool first = true; next_key(key, first); first = false) {
        if (object.contains(key)) fail_twice(key);
        nlohmann::json& member = object[key];
        member = value();
      }
      return object;
    }
    case Kind::array: {
      nlohmann::json array = nlohmann::json::array();
      begin_array();
      for (bool first = true; next_element(first); first = false) array.push_back(value());
      return array;
    }
    case Kind::string:
      return string();
    case Kind::boolean:
      return boolean();
    case Kind::null:
      null();
      return nullptr;
    case Kind::number:
      break;
  }
  const std::string_view text = number();
  const char* const end = text.data() + text.size();
  if (text.find_first_of(".eE") == std::string_view::npos && text != "-0") {
    std::int64_t negative = 0;
    std::uint64_t positive = 0;
    if (text[0] == '-' && std::from_chars(text.data(), end, negative).ec == std::errc())
      return negative;
    if (text[0] != '-' && std::from_chars(text.data(), end, positive).ec == std::errc())
      return positive;
  }
  // So does an integer too large for its type, which no reader of integers takes then.
  double number = 0;
  if (read_number(text, number) != NumberError::none) fail("a number beyond the range of double");
  return number;
}

void JsonReader::skip_string() {
  ++at_;
  for (;;) {  // to the closing quote, which no backslash stands before
    if (look() == end_of_text) fail_here("'\"' at the end of a string");
    at_ = std::find_if(at_, end_, [](char c) { return c == '"' || c == '\\'; });
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

namespace {

// `bytes` hold whole little-endian numbers of type `Stored`; returns false when one is not finite
// or too large.
template <class Stored, class Bits>
bool unpack(const unsigned char* bytes, Array out, bool allow_nonfinite) {
  constexpr double largest = std::numeric_limits<Scalar>::max();
  for (std::size_t i = 0; i < out.size(); ++i) {
    Bits bits = 0;
    for (std::size_t b = 0; b < sizeof(Bits); ++b)
      bits |= static_cast<Bits>(static_cast<Bits>(bytes[i * sizeof(Bits) + b]) << (8 * b));
    const Stored stored = std::bit_cast<Stored>(bits);
    const bool fits = std::isfinite(stored) ? std::abs(stored) <= largest : allow_nonfinite;
    if (!fits) return false;
    out[i] = static_cast<Scalar>(stored);
  }
  return true;
}

}  // namespace

void JsonReader::base64_numbers(Array out, bool allow_nonfinite) {
  if (peek() != Kind::string) fail_here("a base64 string");
  const Position start = position();
  skip();
  const std::uint64_t length = position().offset - start.offset - 2;
  go_to(start);
  look();
  ++at_;
  std::size_t width = 0;
  for (const std::size_t candidate : {sizeof(float), sizeof(double)})
    if (width == 0 && length == base64_size(out.size() * candidate)) width = candidate;
  if (width == 0)
    fail("expected the base64 text of " + std::to_string(out.size()) +
         " numbers of 4 or 8 bytes, got " + std::to_string(length) + " characters");
  // Pieces of 32 KiB: whole groups of four characters, and whole numbers of either width.
  constexpr std::size_t piece = 32 * 1024;
  static_assert(piece % 4 == 0 && piece / 4 * 3 % sizeof(double) == 0);
  unsigned char bytes[piece / 4 * 3];
  std::size_t done = 0;
  for (std::uint64_t left = length; left != 0;) {
    const auto characters = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece));
    fill(characters);
    const std::size_t got = decode_base64({at_, characters}, bytes);
    const std::size_t count = std::min(got / width, out.size() - done);
    if (got != count * width) fail("expected base64 text");
    const Array part = out.subspan(done, count);
    if (!(width == sizeof(float) ? unpack<float, std::uint32_t>(bytes, part, allow_nonfinite)
                                 : unpack<double, std::uint64_t>(bytes, part, allow_nonfinite)))
      fail("a number that is not finite, or too large");
    at_ += characters;
    left -= characters;
    done += count;
  }
  look();
  ++at_;  // the closing quote
}

}  // namespace cornu::detail
