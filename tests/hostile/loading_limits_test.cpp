// Small files that would take gigabytes, minutes or the stack are refused at once.

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/models/model.hpp"

using namespace cornu;
using nlohmann::json;

namespace {

json options_of(const std::string& name) { return {{"name", name}, {"trainable", true}}; }

json layer_entry(const std::string& class_name, const std::string& name, json more = {}) {
  json config = options_of(name);
  if (more.is_object()) config.update(more);
  return {{"class_name", class_name}, {"config", config}};
}

json dense(const std::string& name, std::size_t outputs, const std::string& init, json more = {}) {
  json config = {{"output_dim", outputs},    {"init", init},
                 {"activation", "linear"},   {"bias", true},
                 {"input_dim", nullptr},     {"W_regularizer", nullptr},
                 {"b_regularizer", nullptr}, {"activity_regularizer", nullptr},
                 {"W_constraint", nullptr},  {"b_constraint", nullptr}};
  if (more.is_object()) config.update(more);
  return layer_entry("Dense", name, config);
}

json first(std::size_t size) {
  return {{"batch_input_shape", {nullptr, size}}, {"input_dtype", "float32"}};
}

json called(json entry, const json& calls) {
  entry["name"] = entry["config"]["name"];
  entry["inbound_nodes"] = calls;
  return entry;
}

json input_entry(const std::string& name) {
  json config = first(1);
  config["name"] = name;
  return called({{"class_name", "InputLayer"}, {"config", config}}, json::array());
}

json graph(const std::string& name, const json& layers, const json& from, const json& to) {
  return {{"class_name", "Model"},
          {"config",
           {{"name", name},
            {"layers", layers},
            {"input_layers", json::array({from})},
            {"output_layers", json::array({to})}}}};
}

json activation(const std::string& name) {
  return layer_entry("Activation", name, {{"activation", "linear"}});
}

/// Models within models, so deep, each of which calls the one within so many times.
json fanout(std::size_t depth, std::size_t calls) {
  json inner;
  for (std::size_t d = 0; d < depth; ++d) {
    const std::string x = "i" + std::to_string(d), name = "m" + std::to_string(d);
    json layers = json::array({input_entry(x)});
    json out;
    if (d == 0) {
      layers.push_back(called(activation("a"), {{{x, 0, 0}}}));
      out = {"a", 0, 0};
    } else {
      const std::string within = inner["config"]["name"];
      json nodes = json::array({json::array({json::array({x, 0, 0})})});
      for (std::size_t c = 1; c < calls; ++c)
        nodes.push_back(json::array({json::array({within, c, 0})}));
      layers.push_back(called(inner, nodes));
      out = {within, calls, 0};
    }
    inner = graph(name, layers, {x, 0, 0}, out);
  }
  return inner;
}

/// A chain of layers, listed from its beginning or from its end.
json chain(std::size_t length, bool reversed) {
  std::vector<json> entries;
  for (std::size_t i = 0; i < length; ++i)
    entries.push_back(called(
        activation("a" + std::to_string(i)),
        json::array({json::array(
            {json::array({i == 0 ? std::string("x") : "a" + std::to_string(i - 1), 0, 0})})})));
  if (reversed) std::reverse(entries.begin(), entries.end());
  json layers = json::array({input_entry("x")});
  for (json& entry : entries) layers.push_back(std::move(entry));
  return graph("m", layers, {"x", 0, 0}, {"a" + std::to_string(length - 1), 0, 0});
}

long peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

template <class Body>
std::string refusal_of(Body body) {
  try {
    body();
  } catch (const FormatError& error) {
    return error.what();
  }
  return "it was not refused";
}

}  // namespace

TEST_CASE("models within models that come to too many calls are refused before they are opened") {
  const long before = peak_mebibytes();
  for (const auto& [depth, calls] :
       std::vector<std::pair<std::size_t, std::size_t>>{{10, 8}, {4, 1000}, {21, 2}}) {
    const std::string text = fanout(depth, calls).dump();
    for (const bool as_file : {false, true})
      CHECK_THAT(refusal_of([&] {
                   if (as_file)
                     model_from_text(text);
                   else
                     model_from_json(text);
                 }),
                 Catch::Contains("LoadLimits::calls"));
  }
  CHECK(peak_mebibytes() - before < 200);
  CHECK(model_from_json(fanout(4, 8).dump()) != nullptr);
}

TEST_CASE("a chain may stand in any order") {
  const auto forward = model_from_json(chain(300, false).dump());
  const auto backward = model_from_json(chain(300, true).dump());
  CHECK(forward->layers().size() == 300);
  CHECK(backward->layers().size() == 300);
  CHECK(backward->layers()[0]->name() == "a299");  // as listed
}

TEST_CASE(
    "first weights that would take long to draw are refused, and not drawn when they follow") {
  json model = {{"class_name", "Sequential"},
                {"config", json::array({dense("d", 4000, "orthogonal", first(4000))})}};
  CHECK_THAT(refusal_of([&] { model_from_json(model.dump()); }),
             Catch::Contains("LoadLimits::operations"));
  LoadOptions options;
  options.limits.operations = 1e3;
  model["config"] = json::array({dense("d", 30, "orthogonal", first(30))});
  CHECK_THAT(refusal_of([&] { model_from_json(model.dump(), options); }),
             Catch::Contains("LoadLimits::operations"));
  const std::string saved = model_from_json(model.dump())->to_text();
  options.check = false;
  CHECK(model_from_text(saved, options) != nullptr);  // the weights are in the file
}

TEST_CASE("a sample whose replay would take long is refused") {
  json model = {{"format", "cornu"},
                {"format_version", 1},
                {"class_name", "Sequential"},
                {"config", json::array()},
                {"check",
                 {{"inputs", {{{"shape", {32, 1}}, {"data", std::vector<int>(32, 1)}}}},
                  {"outputs", {{{"shape", {32, 1}}, {"data", std::vector<int>(32, 0)}}}}}}};
  json& layers = model["config"];
  layers.push_back(layer_entry("RepeatVector", "r", {{"n", 1 << 20}}));
  layers[0]["config"].update(first(1));
  for (int i = 0; i < 500; ++i)
    layers.push_back(layer_entry("Activation", "a" + std::to_string(i), {{"activation", "tanh"}}));
  layers.push_back(layer_entry("Flatten", "f"));
  layers.push_back(dense("o", 1, "zero"));
  CHECK_THAT(refusal_of([&] { model_from_text(model.dump()); }),
             Catch::Contains("LoadLimits::operations") || Catch::Contains("LoadLimits::memory"));
}

TEST_CASE("the limits hold for model_from_json, too") {
  const json model = {{"class_name", "Sequential"},
                      {"config", json::array({dense("d", 20000, "zero", first(20000))})}};
  const long before = peak_mebibytes();
  CHECK_THAT(refusal_of([&] { model_from_json(model.dump()); }), Catch::Contains("LoadLimits"));
  CHECK(peak_mebibytes() - before < 100);
}

TEST_CASE("loading ends at its deadline and when it is cancelled") {
  const std::string text = chain(50, false).dump();
  LoadOptions late;
  late.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  CHECK_THROWS_AS(model_from_json(text, late), IoError);
  CHECK_THROWS_AS(model_from_text(text, late), IoError);
  int asked = 0;
  LoadOptions cancelled;
  cancelled.cancel = [&asked] { return ++asked > 10; };
  CHECK_THROWS_WITH(model_from_json(text, cancelled), Catch::Contains("cancelled"));
  CHECK(asked == 11);
}

TEST_CASE("what is another kind of file is called by its name") {
  const auto told = [](const std::string& text) {
    return refusal_of([&] { model_from_text(text); });
  };
  CHECK_THAT(told("\x89HDF\r\n\x1a\n....."), Catch::Contains("HDF5"));
  CHECK_THAT(told(std::string("PK\x03\x04", 4) + "...."), Catch::Contains("ZIP"));
  CHECK_THAT(told("\x1f\x8b\x08......"), Catch::Contains("gzip") && Catch::Contains("gunzip"));
  CHECK_THAT(told("\x93NUMPY\x01"), Catch::Contains("NumPy"));
  CHECK_THAT(told("\x08\x07\x12\x07pytorch"), Catch::Contains("ONNX"));
  CHECK_THAT(told("\xef\xbb\xbf{}"), Catch::Contains("byte-order mark"));
  CHECK_THAT(told(R"({"class_name": "Sequential", "keras_version": "2.4.0", "config": []})"),
             Catch::Contains("Keras 2.4.0"));
  CHECK_THAT(told(R"({"module": "keras", "class_name": "Sequential"})"),
             Catch::Contains("Keras 3"));
  json old = chain(2, false);
  old["keras_version"] = "1.0.3";
  CHECK(model_from_text(old.dump()) != nullptr);
}
