// JSON, numbers and base64, each beside another implementation.

#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "../pieces.hpp"
#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/json_reader.hpp"
#include "cornu/core/text/number_text.hpp"
#include "fuzzer.hpp"

namespace {

using namespace cornu::detail;
using cornu::Pieces;
using fuzz::promise;
using nlohmann::json;

void try_json(std::string_view text) {
  json mine;
  bool accepted = true;
  try {
    mine = parse_json(text, "fuzz");
  } catch (const cornu::FormatError&) {
    accepted = false;
  }
  // Stricter than nlohmann's, never laxer, and the same value.
  if (accepted) promise(json::parse(text, nullptr, false) == mine, "the same tree as elsewhere");
  Pieces source(std::string(text), 1 + text.size() % 7);
  JsonReader pieces(source, "fuzz");
  try {
    const json again = pieces.value();
    pieces.finish();
    promise(accepted, "refused in pieces, too");
    promise(again == mine, "the same in pieces");
  } catch (const cornu::FormatError&) {
    promise(!accepted, "accepted in pieces, too");
  }
  // Passing over a good text ends where reading it does.
  JsonReader skipping(text, "fuzz");
  try {
    skipping.skip();
    skipping.finish();
  } catch (const cornu::FormatError&) {
    promise(!accepted, "a good text can be passed over");
  }
}

template <class Number>
Number reference(const std::string& text);
template <>
float reference<float>(const std::string& text) {
  return std::strtof(text.c_str(), nullptr);
}
template <>
double reference<double>(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

template <class Number>
void try_number(std::string_view text) {
  const std::string whole(text);
  Number value = 7;
  switch (read_number(text, value)) {
    case NumberError::none: {
      promise(value == reference<Number>(whole), "the same number as strtod");
      promise(std::isfinite(value), "a finite number");
      char out[longest_shortest_text];
      Number back = 7;
      const char* end = write_number(out, value);
      promise(read_number({out, static_cast<std::size_t>(end - out)}, back) == NumberError::none &&
                  std::memcmp(&back, &value, sizeof(Number)) == 0,
              "the same bits after writing");
      break;
    }
    case NumberError::overflow:
      promise(std::isinf(reference<Number>(whole)), "too large elsewhere, too");
      break;
    case NumberError::malformed:
      // strtod takes more than JSON does; but JSON's numbers are all numbers here.
      // (For nlohmann's a text ends at its first NUL.)
      promise(text.find('\0') != std::string_view::npos || !json::accept(whole) ||
                  !json::parse(whole, nullptr, false).is_number() ||
                  text.find_first_of(" \t\r\n") != std::string_view::npos,
              "no JSON number");
  }
}

void try_base64(std::string_view text) {
  std::vector<unsigned char> bytes(text.size() / 4 * 3 + 3);
  const std::size_t size = decode_base64(text, bytes.data());
  if (size == no_base64) return;
  promise(size <= text.size() / 4 * 3, "three bytes a group");
  std::string back;
  append_base64(back, {bytes.data(), size});
  promise(back == text, "one text for each run of bytes");
}

void try_numbers(std::string_view text) {
  for (const bool allow : {false, true})
    for (const std::size_t count : {0, 1, 3}) {
      cornu::Tensor out(cornu::Shape{count});
      Pieces source(std::string(text), 3);
      JsonReader reader(source, "fuzz");
      try {
        if (reader.peek() == JsonReader::Kind::string)
          reader.base64_numbers(out.array(), allow);
        else
          reader.numbers(out.array(), allow);
      } catch (const cornu::FormatError&) {
        continue;
      }
      for (const cornu::Scalar value : out)
        promise(allow || std::isfinite(value), "finite numbers");
    }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  try_json(text);
  try_numbers(text);
  if (size < 2000) {
    try_number<float>(text);
    try_number<double>(text);
  }
  try_base64(text);
  return 0;
}
