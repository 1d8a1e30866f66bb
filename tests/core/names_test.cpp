// A layer's or model's name is safe to print, to draw and to use within a path, whichever way it
// came in; an error about one that is not is safe to print, too.

#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cornu/core/error.hpp"
#include "cornu/graph/functional.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

namespace {

const std::vector<std::string> bad_names = {
    "..",
    "../x",
    "a/../../etc/passwd",
    "/etc/passwd",
    "a\\..\\b",
    "a\nb",
    "a\rb",
    "a\tb",
    "\a",
    "a\x7f",
    "\x1b[2J\x1b[31m",       // clears a terminal
    "\x1b]0;title\x07",      // names its window
    std::string("a\0b", 3),  // ends a C string
    "\xc2\x9b"
    "31m",  // the same escape as one character
    "\xe2\x80\xae"
    "gpj.x",     // writes from right to left
    "\xff\xfe",  // no UTF-8
    "\xc3(",     // nor this
    "\xc3",      // nor this
    std::string(129, 'a'),
    std::string(1'000'000, 'a'),
};

/// Refused, in words that hold nothing but printable ASCII and are not as long as what they tell
/// of.
void check_refused(const std::function<void()>& action) {
  try {
    action();
    FAIL_CHECK("not refused");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.size() < 2000);
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

/// As a JSON string; what is no UTF-8 stays as it is.
std::string escaped(const std::string& name) {
  std::string result;
  for (const char c : name) {
    char code[8] = {c, 0};
    if ((c >= 0 && c < ' ') || c == '"' || c == '\\')
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
    result += code;
  }
  return result;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::unique_ptr<Model> functional() {
  const Node x = input({2}, "inputname");
  const Node y = layer<Dense>({.output_dim = 1, .name = "layername"})(x);
  return std::make_unique<Model>(std::vector<Node>{x}, std::vector<Node>{y}, "modelname");
}

}  // namespace

TEST_CASE("unsafe names are refused wherever a program gives them") {
  for (const std::string& name : bad_names) {
    INFO(escaped(name.substr(0, 40)));
    check_refused([&] { Dense({.output_dim = 1, .name = name}); });
    check_refused([&] { Sequential().add<Dense>({.output_dim = 1, .name = name}); });
    check_refused([&] { input({2}, name); });
    check_refused([&] { Sequential model(name); });
    const Node x = input({2});
    const Node y = layer<Dense>({.output_dim = 1})(x);
    check_refused([&] { Model({x}, {y}, name); });
  }
}

TEST_CASE("unsafe names are refused wherever a text or a file gives them") {
  Sequential chain;
  chain.add<Dense>({.output_dim = 1, .input_shape = {2}, .name = "layername"});
  chain.compile({.optimizer = "adam", .loss = "mse"});
  const auto graph = functional();
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("cornu-names-" + std::to_string(::getpid()) + ".json"))
                               .string();
  chain.save(path);
  std::string file;
  {
    std::FILE* const in = std::fopen(path.c_str(), "rb");
    REQUIRE(in != nullptr);
    for (int c; (c = std::fgetc(in)) != EOF;) file += static_cast<char>(c);
    std::fclose(in);
  }
  std::filesystem::remove(path);
  REQUIRE_NOTHROW(model_from_text(replaced(file, "layername", "a-b c:d/e.f")));

  for (const std::string& name : bad_names) {
    INFO(escaped(name.substr(0, 40)));
    const std::string text = escaped(name);
    check_refused([&] { model_from_json(replaced(chain.to_json(), "layername", text)); });
    for (const char* place : {"inputname", "layername", "modelname"})
      check_refused([&] { model_from_json(replaced(graph->to_json(), place, text)); });
    // One of the places alone: the entry's own name, a reference, a weight.
    for (const std::string& place :
         {"\"name\":\"layername\"", "[[\"layername\"", "\"inputname\""}) {
      const std::string whole = graph->to_json();
      const std::size_t at = whole.rfind(place);
      REQUIRE(at != std::string::npos);
      const std::size_t word = whole.find("name\"", at + (place[1] == 'n' ? 7 : 0)) + 4;
      const std::size_t begin = whole.rfind('"', word - 1) + 1;
      check_refused([&] { model_from_json(whole.substr(0, begin) + text + whole.substr(word)); });
    }
    check_refused([&] { model_from_text(replaced(file, "layername", text)); });
    check_refused([&] { model_from_text(replaced(file, "layername_W", text)); });
    check_refused(
        [&] { model_from_json(replaced(chain.to_json(), "\"Dense\"", '"' + text + '"')); });
  }
}

TEST_CASE("an empty name is made up, and the longest name goes through a file") {
  CHECK(Dense({.output_dim = 1, .name = ""}).name().starts_with("dense_"));
  CHECK(Sequential("").name().starts_with("sequential_"));

  const std::string longest(128, 'n');
  Sequential model(longest);
  model.add<Dense>({.output_dim = 1, .input_shape = {2}, .name = longest});
  model.compile({.optimizer = "adam", .loss = "mse"});
  model.train_on_batch(Tensor(Shape{1, 2}, {1, 2}), Tensor(Shape{1, 1}, {1}));
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("cornu-names-" + std::to_string(::getpid()) + ".json"))
                               .string();
  model.save(path);
  CHECK(load_model(path)->get_layer(0)->name() == longest);
  std::filesystem::remove(path);
}
