#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "cornu/core/error.hpp"
#include "cornu/models/saving/model_file.hpp"

using namespace cornu;
using namespace cornu::detail;
using nlohmann::json;

namespace {

/// A stand-in for a model: some weights and accumulators.
struct Thing {
  Tensor w{Shape{2, 3}}, b{Shape{3}}, m{Shape{2, 3}};
  std::string class_name;
  json config, training;

  ModelReceiver receiver() {
    return {.architecture =
                [this](const std::string& name, const json& value, std::size_t, bool) {
                  class_name = name;
                  config = value;
                  return std::vector<NamedTarget>{{"dense_1_W", w.shape(), w.array()},
                                                  {"dense_1_b", b.shape(), b.array()}};
                },
            .choose = {},
            .trainable = {},
            .training =
                [this](const json& value) {
                  training = value;
                  return std::vector<NamedTarget>{{"dense_1_W/m", m.shape(), m.array()}};
                }};
  }

  ModelContent content(const json& the_config, const json& the_training) const {
    return {.class_name = "Sequential",
            .config = &the_config,
            .weights = {{"dense_1_W", w.shape(), w.array()}, {"dense_1_b", b.shape(), b.array()}},
            .check = {{Tensor(Shape{1, 2}, {1, 2})}, {Tensor(Shape{1, 3}, {3, 4, 5})}},
            .training = &the_training,
            .accumulators = {{"dense_1_W/m", m.shape(), m.array()}}};
  }
};

const json the_config = json::parse(R"([{"class_name": "Dense", "config": {"name": "dense_1"}}])");
const json the_training =
    json::parse(R"({"loss": "mse", "optimizer": {"name": "Adam", "lr": 0.001}})");

Thing filled() {
  using Limits = std::numeric_limits<Scalar>;
  Thing thing;
  const std::vector<Scalar> values = {
      Scalar(0.1), -0.0, Limits::denorm_min(), Limits::max(), Limits::lowest(), Limits::min()};
  std::copy(values.begin(), values.end(), thing.w.begin());
  std::copy(values.begin(), values.begin() + 3, thing.b.begin());
  std::copy(values.rbegin(), values.rend(), thing.m.begin());
  return thing;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Scalar)) == 0;
}

ModelFileSummary load(Thing& thing, const std::string& text, const LoadOptions& options = {}) {
  return read_model_text(text, "m.json", thing.receiver(), options);
}

std::string refusal(const std::string& text, const LoadOptions& options = {}) {
  Thing thing;
  try {
    load(thing, text, options);
  } catch (const FormatError& error) {
    CHECK(std::string(error.what()).find("[m.json") == 0);
    return error.what();
  }
  return "accepted";
}

const std::string good =
    R"({"format": "cornu", "format_version": 1, "class_name": "S", "config": [],
 "weights": [{"name": "dense_1_W", "shape": [2, 3], "data": [1, 2, 3, 4, 5, 6]},
             {"name": "dense_1_b", "shape": [3], "data": [1, 2, 3]}]})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("what is written is read back bit for bit, as decimals and as base64") {
  const Thing thing = filled();
  for (const bool base64 : {false, true}) {
    const std::string text =
        model_text(thing.content(the_config, the_training), {.base64 = base64});
    CHECK(json::parse(text).at("format") == "cornu");  // and it is JSON
    Thing back;
    const ModelFileSummary summary = load(back, text);
    CHECK(back.class_name == "Sequential");
    CHECK(back.config == the_config);
    CHECK(back.training == the_training);
    CHECK(same_bits(back.w, thing.w));
    CHECK(same_bits(back.b, thing.b));
    CHECK(same_bits(back.m, thing.m));
    CHECK((summary.has_weights && summary.has_training));
    REQUIRE(summary.check.outputs.size() == 1);
    CHECK(summary.check.outputs[0](0, 2) == 5);
  }
}

TEST_CASE("a file is read as a text is") {
  const Thing thing = filled();
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("cornu-model-file-" + std::to_string(sizeof(Scalar)) + ".json"))
                               .string();
  write_model_file(path, thing.content(the_config, the_training), {});
  Thing back;
  read_model_file(path, back.receiver(), {});
  CHECK(same_bits(back.w, thing.w));
  std::ofstream(path) << good << "x";
  CHECK_THROWS_WITH(read_model_file(path, back.receiver(), {}), Catch::Contains(path + ":3:"));
  std::filesystem::remove(path);
  CHECK_THROWS_AS(read_model_file(path, back.receiver(), {}), IoError);
}

TEST_CASE("keys may stand in any order") {
  const Thing thing = filled();
  const json tree =
      json::parse(model_text(thing.content(the_config, the_training), {.base64 = true}));
  std::vector<std::string> keys;
  for (const auto& [key, value] : tree.items()) keys.push_back(key);
  // nlohmann's tree already has sorted the keys within objects: data before name before shape.
  for (int turn = 0; turn < 7; ++turn) {
    std::rotate(keys.begin(), keys.begin() + 1, keys.end());
    for (int direction = 0; direction < 2; ++direction) {
      std::string text = "{";
      for (const std::string& key : keys)
        text += (text.size() > 1 ? "," : "") + json(key).dump() + ":" + tree[key].dump(turn);
      Thing back;
      load(back, text + "}");
      CHECK(same_bits(back.w, thing.w));
      CHECK(same_bits(back.m, thing.m));
      CHECK(back.training == the_training);
      std::reverse(keys.begin(), keys.end());
    }
  }
}

TEST_CASE("an architecture alone and weights alone are whole") {
  Thing thing;
  ModelFileSummary summary = load(thing, R"({"class_name": "Sequential", "config": []})");
  CHECK_FALSE(summary.has_weights);
  CHECK(thing.class_name == "Sequential");
  const Thing source = filled();
  ModelContent content = source.content(the_config, the_training);
  content.config = content.training = nullptr;
  content.check = {};
  summary = load(thing, model_text(content, {}));
  CHECK(summary.has_weights);
  CHECK(thing.class_name.empty());
  CHECK(same_bits(thing.w, source.w));
}

TEST_CASE("weights that do not fit are reported together") {
  std::string text = replaced(good, "dense_1_b", "dense_9_b");
  text = replaced(text, "[2, 3]", "[3, 2]");
  const std::string error = refusal(text);
  CHECK(error.find("missing dense_1_b") != std::string::npos);
  CHECK(error.find("unexpected dense_9_b") != std::string::npos);
  CHECK(error.find("misshapen dense_1_W (expected (2, 3), got (3, 2))") != std::string::npos);
  CHECK(refusal(replaced(good, "dense_1_b", "dense_1_W")).find("twice") != std::string::npos);
}

TEST_CASE("a malformed file is refused with its place") {
  CHECK(refusal(good) == "accepted");
  const std::vector<std::pair<const char*, const char*>> damages = {
      {"\"cornu\"", "\"keras\""},
      {"\"format\"", "\"fromat\""},
      {"_version\": 1", "_version\": 2"},
      {"_version\": 1", "_version\": 1.0"},
      {"_version\": 1", "_version\": \"1\""},
      {"\"format_version\": 1,", ""},
      {"\"format\": \"cornu\",", ""},
      {"\"config\": [],", ""},
      {"\"class_name\": \"S\",", ""},
      {"\"class_name\": \"S\"", "\"class_name\": 3"},
      {"\"class_name\"", "\"config\""},
      {"[2, 3]", "[2, 3.0]"},
      {"[2, 3]", "[-2, 3]"},
      {"[2, 3]", "[2, 3, 1, 1, 1, 1, 1, 1, 1]"},
      {"[2, 3]", "[18446744073709551616]"},
      {"[2, 3]", "[4294967296, 4294967296]"},
      {"[2, 3]", "6"},
      {"\"dense_1_W\"", "\"dense\\n1_W\""},
      {"\"dense_1_W\"", "7"},
      {"\"name\": \"dense_1_W\", ", ""},
      {"\"shape\": [2, 3], ", ""},
      {"\"shape\": [2, 3]", "\"shape\": [2, 3], \"shape\": [2, 3]"},
      {", \"data\": [1, 2, 3, 4, 5, 6]", ""},
      {"[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5]"},
      {"[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 6, 7]"},
      {"[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, null]"},
      {"[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, \"NaN\"]"},
      {"[1, 2, 3, 4, 5, 6]", "[1, 2, 3, 4, 5, 1e999]"},
      {"[1, 2, 3, 4, 5, 6]", "[[1, 2, 3], [4, 5, 6]]"},
      {"[1, 2, 3, 4, 5, 6]", "{\"base64\": \"AAAA\"}"},
      {"[1, 2, 3, 4, 5, 6]", "{\"base65\": \"AAAA\"}"},
      {"[1, 2, 3, 4, 5, 6]", "{}"},
      {"[1, 2, 3, 4, 5, 6]", "7"},
      {"\"weights\": [", "\"weights\": 3, \"x\": ["},
      {"\"weights\"", "\"wieghts\""},
      {"]}]}", "]}]} {}"},
      {"]}]}", "]}]"},
      {"]}]}", "]}], \"check\": {}}"},
      {"]}]}", "]}], \"check\": {\"inputs\": [{\"shape\": [9000000000], \"data\": []}]}}"},
      {"]}]}", "]}], \"training\": {\"accumulators\": [], \"accumulators\": []}}"},
      {"]}]}", "]}], \"training\": {\"a\": 1, \"a\": 1}}"},
      {"]}]}", "]}], \"training\": {}}"},
      {"]}]}", "]}], \"training\": []}"},
  };
  for (const auto& [from, to] : damages) {
    INFO(from << " -> " << to);
    CHECK(refusal(replaced(good, from, to)) != "accepted");
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(refusal(good.substr(0, size)) != "accepted");
  CHECK(refusal("[]") != "accepted");
  CHECK(refusal("{}") != "accepted");
}

TEST_CASE("limits are kept") {
  LoadOptions options;
  options.limits.bytes = good.size();
  CHECK(refusal(good, options) == "accepted");
  options.limits.bytes = good.size() - 1;
  CHECK(refusal(good, options).find("LoadLimits::bytes") != std::string::npos);
  options = {};
  options.limits.layers = 1;
  CHECK(refusal(replaced(good, "\"config\": []",
                         "\"config\": [{\"class_name\": 1}, {\"class_name\": 1}]"),
                options)
            .find("LoadLimits::layers") != std::string::npos);
  options = {};
  options.limits.name_length = 8;
  CHECK(refusal(good, options) != "accepted");
  options = {};
  options.limits.values = 10;
  CHECK(refusal(replaced(good, "\"config\": []", "\"config\": [1,2,3,4,5,6,7,8,9,0]"), options) !=
        "accepted");
}

TEST_CASE("arrays beyond the limit on memory are refused before they are made") {
  const ModelReceiver receiver = {.architecture = [](const std::string&, const json&, std::size_t,
                                                     bool) -> std::vector<NamedTarget> {
                                    const Tensor most(Shape{std::size_t{1} << 18});
                                    const Tensor more(Shape{std::size_t{1} << 40});
                                    FAIL("made");
                                    return {};
                                  },
                                  .choose = {},
                                  .trainable = {},
                                  .training = {}};
  LoadOptions options;
  options.limits.memory = std::size_t{1} << 22;
  CHECK_THROWS_WITH(read_model_text(good, "m.json", receiver, options),
                    Catch::Contains("LoadLimits::memory"));
  CHECK(Tensor(Shape{std::size_t{1} << 23}).size() != 0);  // the limit is gone
}

TEST_CASE("an error of the receiver names the file") {
  const ModelReceiver receiver = {.architecture = [](const std::string&, const json&, std::size_t,
                                                     bool) -> std::vector<NamedTarget> {
                                    throw ConfigError("config[0]", "unknown layer 'Dnese'",
                                                      "did you mean 'Dense'?");
                                  },
                                  .choose = {},
                                  .trainable = {},
                                  .training = {}};
  CHECK_THROWS_WITH(read_model_text(good, "m.json", receiver, {}),
                    "[m.json: config[0]] unknown layer 'Dnese'; help: did you mean 'Dense'?");
  CHECK_THROWS_AS(read_model_text(good, "m.json", receiver, {}), FormatError);
}

TEST_CASE("numbers that are not finite are refused unless both sides agree") {
  Thing thing = filled();
  thing.w(0, 1) = std::numeric_limits<Scalar>::quiet_NaN();
  thing.b(2) = -std::numeric_limits<Scalar>::infinity();
  const auto content = thing.content(the_config, the_training);
  CHECK_THROWS_AS(model_text(content, {}), NumericError);
  CHECK_THROWS_WITH(model_text(content, {}), Catch::Contains("dense_1_W, dense_1_b"));
  for (const bool base64 : {false, true}) {
    const std::string text = model_text(content, {.base64 = base64, .allow_nonfinite = true});
    CHECK(refusal(text) != "accepted");
    Thing back;
    load(back, text, {.allow_nonfinite = true});
    CHECK(std::isnan(back.w(0, 1)));
    CHECK(back.b(2) == thing.b(2));
  }
}

TEST_CASE("a sample that the model no longer reproduces is an error that names the output") {
  const CheckSample sample = {{Tensor(Shape{1, 1}, {1})}, {Tensor(Shape{1, 3}, {3, 4, 5})}};
  CHECK_NOTHROW(compare_check(sample, {Tensor(Shape{1, 3}, {3, Scalar(4.001), 5})}, "m"));
  CHECK_THROWS_WITH(compare_check(sample, {Tensor(Shape{1, 3}, {3, Scalar(4.1), 5})}, "m"),
                    Catch::Contains("output 0, number 1"));
  CHECK_THROWS_AS(compare_check(sample, {Tensor(Shape{1, 3}, {3, Scalar(NAN), 5})}, "m"),
                  FormatError);
  CHECK_THROWS_AS(compare_check(sample, {Tensor(Shape{3, 1}, {3, 4, 5})}, "m"), FormatError);
  CHECK_THROWS_AS(compare_check(sample, {}, "m"), FormatError);
}
