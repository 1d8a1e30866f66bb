// Strings of JSON: escapes and UTF-8.

#include "cornu/core/text/json_reader.hpp"

namespace cornu::detail {

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

}  // namespace cornu::detail
