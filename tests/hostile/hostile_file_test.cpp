// A saved model, damaged in every way that comes to mind, loads or is refused in words; within
// seconds, and within a GiB.

#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/core/log.hpp"
#include "cornu/core/random.hpp"
#include "cornu/models/model.hpp"

using namespace cornu;
using nlohmann::json;

namespace {

const std::string seeds = std::string(CORNU_SOURCE_DIR) + "/tests/fuzz/seeds/";

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What became of the attempts.
struct Tally {
  int tried = 0, loaded = 0, refused = 0;

  void attempt(const std::string& text) {
    ++tried;
    try {
      const auto model = model_from_text(text);
      ++loaded;
      REQUIRE(model != nullptr);
      model->summary();
    } catch (const FormatError& error) {
      ++refused;
      CHECK(std::string(error.what()).size() < 4000);
    } catch (const NumericError&) {
      ++refused;
    }
    // Anything else, a crash included, fails the test.
  }
};

std::string repeated(const std::string& text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

void collect(json& node, std::vector<json*>& nodes) {
  nodes.push_back(&node);
  if (node.is_structured())
    for (json& part : node) collect(part, nodes);
}

long peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

TEST_CASE("a file damaged in hundreds of ways loads or is refused") {
  log::set_level(log::Level::off);
  const auto begin = std::chrono::steady_clock::now();
  Tally tally;
  const std::string good = read(seeds + "trained.json");
  REQUIRE(!good.empty());

  SECTION("cut off anywhere") {
    for (std::size_t i = 0; i < 120; ++i) tally.attempt(good.substr(0, i * good.size() / 120));
    CHECK(tally.loaded == 0);
  }
  SECTION("bytes changed, taken out, put in") {
    RandomStream random(7, Purpose::user);
    for (int i = 0; i < 150; ++i) {
      std::string text = good;
      for (std::uint64_t n = random.below(3) + 1; n != 0; --n) {
        const std::size_t at = random.below(text.size());
        const char byte = static_cast<char>(random.below(256));
        switch (random.below(4)) {
          case 0:
            text[at] = byte;
            break;
          case 1:
            text.erase(at, random.below(20) + 1);
            break;
          case 2:
            text.insert(at, 1, byte);
            break;
          default:
            text.insert(at, text.substr(random.below(text.size()), 30));
        }
      }
      tally.attempt(text);
    }
  }
  SECTION("every value of another type or size") {
    const json tree = json::parse(good);
    json copy = tree;
    std::vector<json*> nodes;
    collect(copy, nodes);
    const std::vector<json> values = {nullptr,
                                      true,
                                      -1,
                                      0,
                                      1e300,
                                      4000000000000,
                                      json::array(),
                                      json::object(),
                                      "\x1b[2J",
                                      std::string(70'000, 'x')};
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      json damaged = tree;
      std::vector<json*> places;
      collect(damaged, places);
      *places[i] = values[i % values.size()];
      tally.attempt(damaged.dump());
    }
  }
  SECTION("keys missing, doubled, renamed") {
    for (const char* key : {"format", "class_name", "config", "weights", "training", "optimizer",
                            "name", "shape", "data", "output_dim", "epsilon", "axis", "loss"}) {
      const std::string quoted = "\"" + std::string(key) + "\":";
      const std::string spaced = "\"" + std::string(key) + "\": ";
      for (const std::string& found : {quoted, spaced}) {
        const std::size_t at = good.find(found);
        if (at == std::string::npos) continue;
        std::string text = good;
        tally.attempt(text.insert(at, found + "null,"));
        text = good;
        tally.attempt(text.replace(at, found.size(), "\"x\":"));
      }
    }
    CHECK(tally.loaded == 0);
  }
  SECTION("nesting by the million") {
    for (const char* opening :
         {"[", "{\"config\":", "{\"a\":[", "[[[[{\"class_name\":\"Sequential\",\"config\":"})
      for (const char* front : {"", "{\"class_name\":\"Sequential\",\"config\":", "{\"weights\":",
                                "{\"training\":", "{\"check\":"})
        tally.attempt(front + repeated(opening, 2'000'000 / std::string(opening).size()));
    std::string nested = R"({"class_name":"Sequential","config":[]})";
    for (int i = 0; i < 200; ++i)
      nested = R"({"class_name":"Sequential","config":[)" + nested + "]}";
    tally.attempt(nested);
    CHECK(tally.loaded == 0);
  }
  SECTION("shapes that are huge or overflow") {
    for (const char* size : {"0", "65536", "16777216", "268435456", "4294967296", "1099511627776",
                             "9223372036854775807", "18446744073709551615", "1e9"}) {
      const std::string text(size);
      std::string dense = good;
      tally.attempt(dense.replace(dense.find("\"output_dim\":3"), 14, "\"output_dim\":" + text));
      std::string input = good;
      tally.attempt(input.replace(input.find("[null,2]"), 8, "[null," + text + "]"));
      std::string batch = good;
      tally.attempt(batch.replace(batch.find("[null,2]"), 8, "[" + text + ",2]"));
      std::string shape = good;
      tally.attempt(
          shape.replace(shape.find("\"shape\": [2, 3]"), 15, "\"shape\": [2, " + text + "]"));
      tally.attempt(
          R"({"class_name":"Sequential","config":[{"class_name":"Dense","config":{"output_dim":)" +
          text + R"(,"init":"zero","activation":"linear","batch_input_shape":[null,)" + text +
          R"(],"W_regularizer":null,"b_regularizer":null,"activity_regularizer":null,)"
          R"("W_constraint":null,"b_constraint":null,"bias":true}}]})");
    }
  }
  SECTION("very many of something") {
    tally.attempt(R"({"class_name":"Sequential","config":[)" + repeated("0,", 900'000) + "0]}");
    tally.attempt(R"({"class_name":"Sequential","config":[)" + repeated("{},", 600'000) + "{}]}");
    tally.attempt(R"({"format":"cornu","format_version":1,"weights":[)" +
                  repeated(R"({"name":"a","shape":[],"data":[1]},)", 50'000) + "]}");
    tally.attempt("{" + repeated("\"k\":0,", 100'000) + "}");
    const std::string layer =
        R"({"class_name":"Activation","config":{"activation":"relu","batch_input_shape":[null,2]}},)";
    tally.attempt(R"({"class_name":"Sequential","config":[)" + repeated(layer, 12'000) + "0]}");
    CHECK(tally.loaded == 0);
  }
  CAPTURE(tally.tried, tally.loaded, tally.refused);
  CHECK(tally.tried == tally.loaded + tally.refused);
  CHECK(peak_mebibytes() < 1024);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::minutes(2));
}

TEST_CASE("the seeds themselves load") {
  for (const auto& entry : std::filesystem::directory_iterator(seeds)) {
    INFO(entry.path());
    if (entry.path().filename() == "weights.json")
      CHECK_THROWS_AS(load_model(entry.path().string()), FormatError);
    else
      CHECK_NOTHROW(load_model(entry.path().string()));
  }
}
