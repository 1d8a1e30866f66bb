#include <catch2/catch.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"
#include "cornu/core/text/json_reader.hpp"
#include "pieces.hpp"

using namespace cornu;
using detail::parse_json;
using nlohmann::json;

namespace {

std::string refusal(std::string_view text) {
  try {
    parse_json(text, "t");
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

const std::vector<std::string> good = {"null",
                                       "true",
                                       "false",
                                       " [ ] ",
                                       "{ }",
                                       "0",
                                       "-0",
                                       "-0.0",
                                       "12",
                                       "-7",
                                       "1e5",
                                       "1E+2",
                                       "0.25e-3",
                                       "18446744073709551615",
                                       "-9223372036854775808",
                                       "18446744073709551616",
                                       "\"\"",
                                       "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                       "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"",
                                       "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
                                       R"({"a": [1, 2.5, {"b": null}], "c": "d"})",
                                       "[[[[1], 2], 3], 4]",
                                       "\t\r\n[1\n,\n2]\n"};

}  // namespace

TEST_CASE("good JSON becomes the same tree as elsewhere") {
  for (const std::string& text : good) {
    INFO(text);
    const json expected = json::parse(text);
    CHECK(parse_json(text, "t") == expected);
    for (const std::size_t piece : {1, 2, 3, 7}) {
      Pieces source(text, piece);
      detail::JsonReader reader(source, "t");
      CHECK(reader.value() == expected);
      reader.finish();
    }
  }
  CHECK(std::signbit(parse_json("-0", "t").get<double>()));
}

TEST_CASE("bad JSON is refused at its line and column") {
  CHECK(refusal("{\"a\": 1,\n \"a\": 2}").find("[t:2:6] the key 'a' stands twice") == 0);
  CHECK(refusal("[1] x").find("[t:1:5] expected the end of the text, got 'x'") == 0);
  CHECK(refusal("[1, 2").find("the text is cut off") != std::string::npos);
  CHECK(refusal(std::string(64, '[') + std::string(64, ']')) == "accepted");
  CHECK(refusal(std::string(65, '[') + std::string(65, ']')).find("deeper than 64") !=
        std::string::npos);
  CHECK(refusal(std::string(5'000'000, '[')).find("deeper") != std::string::npos);
  for (const char* text : {"",
                           " ",
                           "nul",
                           "nulll",
                           "True",
                           "NaN",
                           "Infinity",
                           "-",
                           "+1",
                           "01",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "0x10",
                           "1e999",
                           "-1e999",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{1:2}",
                           "{'a':1}",
                           "[1]]",
                           "{}{}",
                           "//c\n1",
                           "\"a",
                           "\"\\x\"",
                           "\"\\u12g4\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\u0041\"",
                           "\"\\udc00\"",
                           "\"\n\"",
                           "\"\xff\"",
                           "\"\xc0\x80\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf4\x90\x80\x80\"",
                           "\"\xe2\x82\"",
                           "\xef\xbb\xbf[]",
                           "[1}",
                           "{\"a\":1]"}) {
    INFO(text);
    CHECK(refusal(text) != "accepted");
    Pieces source(text, 1);
    detail::JsonReader reader(source, "t");
    CHECK_THROWS_AS((reader.value(), reader.finish()), FormatError);
  }
}

TEST_CASE("long strings, long numbers and too many values are refused") {
  CHECK(refusal("\"" + std::string(64 * 1024, 'a') + "\"") == "accepted");
  CHECK(refusal("\"" + std::string(64 * 1024 + 1, 'a') + "\"") != "accepted");
  CHECK(refusal(std::string(2000, '1')) != "accepted");
  CHECK(refusal("0." + std::string(900, '1')) == "accepted");
  std::string many = "[0";
  for (int i = 0; i < 1'000'000; ++i) many += ",0";
  CHECK(refusal(many + "]").find("values") != std::string::npos);
}

TEST_CASE("a value can be passed over and read later") {
  const std::string text = R"({"a": {"x": ["]}", "\"", "\\"]}, "b": 17, "c": [[], "s", true]})";
  for (const std::size_t piece : {1, 5, 1000}) {
    Pieces source(text, piece);
    detail::JsonReader reader(source, "t");
    std::vector<detail::JsonReader::Position> places;
    reader.begin_object();
    std::string key;
    for (bool first = true; reader.next_key(key, first); first = false) {
      reader.peek();
      places.push_back(reader.position());
      reader.skip();
    }
    reader.finish();
    REQUIRE(places.size() == 3);
    reader.go_to(places[2]);
    CHECK(reader.value() == json::parse(R"([[], "s", true])"));
    reader.go_to(places[0]);
    CHECK(reader.value().at("x").size() == 3);
    reader.go_to(places[1]);
    CHECK(reader.value() == 17);
  }
}

TEST_CASE("numbers in bulk: exactly as many as expected, finite unless allowed") {
  const auto read = [](const std::string& text, std::size_t count, bool allow) {
    Tensor out(Shape{count});
    Pieces source(text, 3);
    detail::JsonReader reader(source, "t");
    if (reader.peek() == detail::JsonReader::Kind::string)
      reader.base64_numbers(out.array(), allow);
    else
      reader.numbers(out.array(), allow);
    reader.finish();
    return out;
  };
  CHECK(read("[1, -2.5,3e0 ]", 3, false)(1) == Scalar(-2.5));
  CHECK(read("[]", 0, false).size() == 0);
  CHECK_THROWS_AS(read("[1, 2]", 3, false), FormatError);
  CHECK_THROWS_AS(read("[1, 2, 3, 4]", 3, false), FormatError);
  CHECK_THROWS_AS(read("[1, null]", 2, false), FormatError);
  CHECK_THROWS_AS(read("[1, [2]]", 2, false), FormatError);
  CHECK_THROWS_AS(read("[1e400]", 1, false), FormatError);
  CHECK(read("[1e-400]", 1, false)(0) == 0);
  CHECK_THROWS_AS(read("[\"NaN\"]", 1, false), FormatError);
  CHECK(std::isnan(read("[\"NaN\"]", 1, true)(0)));
  CHECK(read("[\"-Infinity\"]", 1, true)(0) == -std::numeric_limits<Scalar>::infinity());
  CHECK_THROWS_AS(read("[\"nan\"]", 1, true), FormatError);

  // 1.0f, -2.0f and 1.0 in little-endian base64
  CHECK(read("\"AACAPwAAAMA=\"", 2, false)(1) == -2);
  CHECK(read("\"AAAAAAAA8D8=\"", 1, false)(0) == 1);
  CHECK_THROWS_AS(read("\"AACAPwAAAMA=\"", 3, false), FormatError);
  CHECK_THROWS_AS(read("\"AACAPwAAAMB=\"", 2, false), FormatError);  // a stray bit
  CHECK_THROWS_AS(read("\"AACAPwAA*MA=\"", 2, false), FormatError);
  CHECK_THROWS_AS(read("\"AACAPw=AAMA=\"", 2, false), FormatError);
  CHECK_THROWS_AS(read("\"AADAfw==\"", 1, false), FormatError);  // NaN
  CHECK(std::isnan(read("\"AADAfw==\"", 1, true)(0)));
}

TEST_CASE("an object's keys are read by type and range, and none is left over") {
  const json object =
      json::parse(R"({"s": "x", "b": true, "n": 1.5, "i": 7, "neg": -1, "f": 3.0})");
  detail::ObjectReader reader(object, "config[0]");
  CHECK(reader.string("s") == "x");
  CHECK(reader.boolean("b"));
  CHECK(reader.number("n") == 1.5);
  CHECK(reader.number("i") == 7);
  CHECK(reader.integer("i", 0, 10) == 7);
  CHECK_THROWS_WITH(reader.integer("i", 0, 6), Catch::Contains("config[0].i"));
  CHECK_THROWS_AS(reader.integer("neg", 0, 10), FormatError);
  CHECK_THROWS_AS(reader.integer("f", 0, 10), FormatError);
  CHECK_THROWS_AS(reader.string("b"), FormatError);
  CHECK_THROWS_AS(reader.boolean("i"), FormatError);
  CHECK_THROWS_AS(reader.number("s"), FormatError);
  CHECK_THROWS_AS(reader.at("none"), FormatError);
  CHECK(reader.find("none") == nullptr);
  reader.finish();
  detail::ObjectReader other(object, "config[0]");
  other.find("bb");
  CHECK_THROWS_WITH(other.finish(), Catch::Contains("did you mean 'bb'"));
  CHECK_THROWS_AS(detail::ObjectReader(json::array(), "x"), FormatError);
}
