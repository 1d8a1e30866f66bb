#include <catch2/catch.hpp>

#include "cornu/core/error.hpp"
#include "cornu/core/text/json.hpp"

using namespace cornu;
using nlohmann::json;

namespace {

class Colour final : public Choice {
 public:
  std::string name = "red";
  std::string_view kind() const override { return "colour"; }
  json to_json() const override { return name; }
  void assign(const json& config) override {
    if (config != "red" && config != "blue") throw ConfigError("colour", "unknown colour");
    name = config.get<std::string>();
  }
};

struct Options {
  std::string name = "thing_1";
  bool trainable = true;
  std::size_t output_dim = 4, input_dim = 0;
  int axis = -1;
  double momentum = 0.9, clipnorm = 0;
  std::string border_mode = "valid";
  std::vector<int> axes = {0};
  Colour colour;
  bool added = false;
  Shape shape;
  std::size_t samples = 0;

  void describe(Fields& fields) {
    fields.field("name", name, "");
    fields.field("trainable", trainable, "");
    fields.input_shape(shape, samples);
    fields.field("output_dim", output_dim, Range::positive(), "units");
    fields.optional("input_dim", input_dim, "");
    fields.field("axis", axis, Range::at_least(-8), "");
    fields.field("momentum", momentum, Range::half_open(0, 1), "part kept");
    fields.optional("clipnorm", clipnorm, "");
    fields.field("border_mode", border_mode, {"valid", "same"}, "");
    fields.field("axes", axes, Range::at_least(0), "");
    fields.field("colour", colour, "");
    fields.begin_additions();
    fields.field("added", added, "");
    fields.end_additions();
  }
};

json written(Options options) {
  return detail::write_fields([&](Fields& fields) { options.describe(fields); });
}

Options read(const json& object, const std::vector<std::string>& ignored = {}) {
  Options options;
  detail::read_fields([&](Fields& fields) { options.describe(fields); }, object, "config[1].config",
                      ignored);
  return options;
}

std::string refusal(const std::string& key, const json& value) {
  json object = written({});
  object[key] = value;
  try {
    read(object);
  } catch (const FormatError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("fields are written with Keras's keys and read back") {
  Options options;
  options.shape = {784};
  options.momentum = 0.1;
  options.colour.name = "blue";
  const json object = written(options);
  CHECK(object["batch_input_shape"] == json::parse("[null, 784]"));
  CHECK(object["input_dtype"] == (sizeof(Scalar) == 4 ? "float32" : "float64"));
  CHECK(object["input_dim"].is_null());
  CHECK(object["clipnorm"].is_null());
  CHECK(object["colour"] == "blue");
  const Options back = read(object);
  CHECK(back.shape == Shape{784});
  CHECK(back.samples == 0);
  CHECK(back.momentum == 0.1);
  CHECK(written(back) == object);
  CHECK_FALSE(written({}).contains("batch_input_shape"));
  CHECK_FALSE(written({}).contains("input_dtype"));
  options.samples = 32;
  CHECK(written(options)["batch_input_shape"] == json::parse("[32, 784]"));
  CHECK(read(written(options)).samples == 32);
}

TEST_CASE("a config is read strictly") {
  CHECK(refusal("momentum", 1.0)
            .find("[config[1].config.momentum] expected a number in [0, 1), got 1") == 0);
  CHECK(refusal("momentum", 0) == "accepted");
  CHECK(refusal("momentum", "0.9") != "accepted");
  CHECK(refusal("momentum", nullptr) != "accepted");
  CHECK(refusal("output_dim", 3.0).find("whole number") != std::string::npos);
  CHECK(refusal("output_dim", 0) != "accepted");
  CHECK(refusal("output_dim", -1) != "accepted");
  CHECK(refusal("output_dim", 1e30) != "accepted");
  CHECK(refusal("axis", 4294967295U) != "accepted");
  CHECK(refusal("axis", -4294967295LL) != "accepted");
  CHECK(refusal("axis", 18446744073709551615ULL) != "accepted");
  CHECK(refusal("axes", json::parse("[0, 1.5]")).find("axes[1]") != std::string::npos);
  CHECK(refusal("axes", 0) != "accepted");
  CHECK(refusal("border_mode", "smae").find("did you mean 'same'?") != std::string::npos);
  CHECK(refusal("colour", "green") == "[config[1].config.colour] unknown colour");
  CHECK(refusal("trainable", 1) != "accepted");
  CHECK(refusal("input_dim", -3) != "accepted");
  CHECK(refusal("input_dtype", "int8").find("float32") != std::string::npos);
  CHECK(refusal("batch_input_shape", json::parse("[null, null]")) == "accepted");  // any length
  CHECK(refusal("batch_input_shape", json::parse("[]")) != "accepted");
  CHECK(refusal("batch_input_shape", json::parse("[null, 0]")) != "accepted");
  CHECK(refusal("batch_input_shape", json::parse("[null, 4294967296, 4294967296]")) != "accepted");
  CHECK(refusal("batch_input_shape", json::parse("[null,1,1,1,1,1,1,1,1,1]")) != "accepted");
  CHECK(refusal("momentun", 0.5).find("did you mean 'momentum'?") != std::string::npos);
}

TEST_CASE("missing keys are named together; some may be missing") {
  json object = written({});
  for (const char* key : {"name", "trainable", "input_dim", "clipnorm", "added"}) object.erase(key);
  CHECK(read(object).added == false);
  object.erase("axis");
  object.erase("colour");
  object["colur"] = "red";
  CHECK_THROWS_WITH(read(object), Catch::Contains("missing: 'axis', 'colour'") &&
                                      Catch::Contains("unknown key 'colur'"));
  CHECK_THROWS_AS(read(json(3)), FormatError);
  object = written({});
  object["beside"] = 1;
  CHECK_THROWS_AS(read(object), FormatError);
  CHECK_NOTHROW(read(object, {"beside"}));
}

TEST_CASE("options out of range are refused where they are given") {
  Options options;
  const auto check = [&] {
    check_fields([&](Fields& fields) { options.describe(fields); }, "thing_1 (Thing)");
  };
  CHECK_NOTHROW(check());
  options.momentum = std::nan("");
  CHECK_THROWS_WITH(check(), "[thing_1 (Thing)] momentum expects a number in [0, 1), got NaN");
  options.momentum = 0.5;
  options.output_dim = 0;
  CHECK_THROWS_AS(check(), ConfigError);
  options.output_dim = 1;
  options.border_mode = "full";
  CHECK_THROWS_AS(check(), ConfigError);
}

TEST_CASE("an option struct documents itself") {
  const auto notes = document_fields([](Fields& fields) { Options().describe(fields); });
  REQUIRE(notes.size() == 13);
  CHECK(notes[6].name == "axis");
  CHECK(notes[7].standard == "0.9");
  CHECK(notes[7].range == "a number in [0, 1)");
  CHECK(notes[7].help == "part kept");
}
