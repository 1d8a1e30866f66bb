#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/random.hpp"
#include "cornu/core/text/names.hpp"
#include "cornu/core/text/number_text.hpp"

using namespace cornu;
using namespace cornu::detail;

namespace {

template <class Number, class Bits>
bool round_trips(Bits bits) {
  const Number value = std::bit_cast<Number>(bits);
  if (!std::isfinite(value)) return true;
  char text[longest_shortest_text];
  const char* end = write_number(text, value);
  Number back = 1;
  return number_end(text, end) == end &&
         read_number({text, static_cast<std::size_t>(end - text)}, back) == NumberError::none &&
         std::bit_cast<Bits>(back) == bits;
}

template <class Number>
std::string written(Number value) {
  char text[longest_shortest_text];
  return {text, write_number(text, value)};
}

template <class Number>
NumberError error_of(std::string_view text) {
  Number value;
  return read_number(text, value);
}

}  // namespace

// The program exhaustive_floats tries all 2^32.
TEST_CASE("a sample of all floats and doubles comes back bit for bit") {
  std::uint64_t wrong = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 65'521)
    wrong += !round_trips<float>(static_cast<std::uint32_t>(bits));
  RandomStream random(1, Purpose::user);
  for (int i = 0; i < 100'000; ++i)
    wrong += !round_trips<double>(std::uint64_t{random.bits()} << 32 | random.bits());
  for (const std::uint64_t bits :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, (std::uint64_t{1} << 52) - 1,
        std::uint64_t{1} << 52, 0x7fefffffffffffffUL, 0xffefffffffffffffUL, 0x800fffffffffffffUL})
    wrong += !round_trips<double>(bits);
  // The one float whose shortest text is read wrongly by way of double.
  wrong += !round_trips<float>(std::uint32_t{0x15ae43fd});
  CHECK(wrong == 0);
}

TEST_CASE("numbers are written as short as can be") {
  CHECK(written(0.1F) == "0.1");
  CHECK(written(-0.0F) == "-0");
  CHECK(written(1e30F) == "1e+30");
  CHECK(written(std::numeric_limits<double>::denorm_min()) == "5e-324");
  CHECK(written(-std::numeric_limits<double>::min()).size() <= longest_shortest_text);
}

TEST_CASE("a number's text is JSON's and within range") {
  for (const char* text : {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "inf", "nan", "0x1p3",
                           "1 ", " 1", "1,", "--1", "1e5.0"}) {
    INFO(text);
    CHECK(error_of<float>(text) == NumberError::malformed);
    CHECK(error_of<double>(text) == NumberError::malformed);
  }
  CHECK(error_of<float>("1e39") == NumberError::overflow);
  CHECK(error_of<double>("1e39") == NumberError::none);
  CHECK(error_of<double>("-1e999") == NumberError::overflow);
  CHECK(error_of<double>("1" + std::string(500, '0')) == NumberError::overflow);
  double value = 1;
  CHECK(read_number("1e-999", value) == NumberError::none);
  CHECK(value == 0);
  CHECK(read_number("-0." + std::string(500, '0') + "1", value) == NumberError::none);
  CHECK((value == 0 && std::signbit(value)));
  float small = 1;
  CHECK(read_number("1e-60", small) == NumberError::none);
  CHECK(small == 0);
  CHECK(error_of<double>("0e999999999999") == NumberError::none);
  const std::string_view prefix = "12.5e3,7";
  CHECK(number_end(prefix.data(), prefix.data() + prefix.size()) == prefix.data() + 6);
}

TEST_CASE("base64 as RFC 4648 has it") {
  const auto encoded = [](const std::string& bytes) {
    std::string text;
    append_base64(text, {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()});
    return text;
  };
  CHECK(encoded("") == "");
  CHECK(encoded("f") == "Zg==");
  CHECK(encoded("fo") == "Zm8=");
  CHECK(encoded("foo") == "Zm9v");
  CHECK(encoded("foobar") == "Zm9vYmFy");
  const auto decoded = [](const std::string& text) {
    std::vector<unsigned char> bytes(text.size());
    const std::size_t size = decode_base64(text, bytes.data());
    if (size == no_base64) return std::string("no base64");
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  };
  CHECK(decoded("Zm9vYmE=") == "fooba");
  CHECK(decoded("Zg==") == "f");
  CHECK(decoded("") == "");
  for (const char* text : {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "====", "Z===", "=Zg=", "Zg==Zg==",
                           "Zm9v\n", "Zm-v", "Z\xffg="})
    CHECK(decoded(text) == "no base64");
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (std::size_t size = 0; size <= all.size(); ++size)
    CHECK(decoded(encoded(all.substr(0, size))) == all.substr(0, size));
}

TEST_CASE("names are safe to print, draw and use within a path") {
  for (const char* name : {"dense_1", "a/b", "Conv 2.1-x:0", "<b>", "a\"b",
                           "gr\xc3\xb6\xc3\x9f"
                           "er"})
    CHECK(is_safe_name(name));
  for (const char* name : {"", "a..b", "../x", "/etc", "a\nb", "a\x1b[2J", "a\x7f",
                           "\xc2\x9b"
                           "2J",
                           "a\\b", "\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf",
                           "\xe2\x80\xae"
                           "abc",
                           "\xe2\x80\xa8"})
    CHECK_FALSE(is_safe_name(name));
  CHECK_FALSE(is_safe_name(std::string_view("a\0b", 3)));
  CHECK(is_safe_name(std::string(256, 'a')));
  CHECK_FALSE(is_safe_name(std::string(257, 'a')));
  CHECK_NOTHROW(check_name(std::string(128, 'a'), "layer", "Dense"));
  CHECK_THROWS_AS(check_name(std::string(129, 'a'), "layer", "Dense"), ConfigError);
  CHECK_THROWS_AS(check_name("a\x1b[2J", "layer", "Dense"), ConfigError);
}
