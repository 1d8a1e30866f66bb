#include <charconv>
#include <system_error>

#include "cornu/core/text/json.hpp"
#include "cornu/core/text/json_reader.hpp"
#include "cornu/core/text/number_text.hpp"

namespace cornu::detail {

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

}  // namespace cornu::detail
