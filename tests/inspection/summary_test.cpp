// The table of a model: what it says, how wide it is, and that its cost grows with the layers.
#include "cornu/inspection/summary.hpp"

#include <catch2/catch.hpp>

#include <sstream>

#include "cornu/cornu.hpp"

using namespace cornu;

namespace {

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

}  // namespace

TEST_CASE("the table fits the width asked for, and nothing is cut off") {
  const Node a = input({10}, "a_long_name_for_an_input");
  const Node b = layer<BatchNormalization>({.name = "batchnormalization_of_the_first"})(a);
  const Node c = layer<Dense>({.output_dim = 10, .name = "dense"})(b);
  Model model({a}, {merge({c, a, b}, {.mode = "sum"})});
  model.get_layer("dense")->set_trainable(false);
  for (const std::size_t columns : {40, 60, 80, 100, 200}) {
    const std::string text = summary(model, columns);
    INFO(text);
    CHECK(widest_line(text) <= columns);
    CHECK(text.find("Total params: 130\n") != std::string::npos);
    CHECK(text.find("Frozen params: 110\n") != std::string::npos);
  }
  const std::string wide = summary(model, 200);
  CHECK(wide.find("batchnormalization_of_the_first (BatchNormalization)") != std::string::npos);
  CHECK(wide.find("(None, 10)") != std::string::npos);
  CHECK(wide.find("a_long_name_for_an_input[0][0]") != std::string::npos);
  CHECK(model.summary() == summary(model));
}

TEST_CASE("calls of a shared layer and a shared model are numbered") {
  const Node a = input({4}, "a"), b = input({4}, "b");
  const auto dense = std::make_shared<Dense>(DenseOptions{.output_dim = 2, .name = "shared"});
  Model model({a, b}, {merge({connect(dense, {a}), connect(dense, {b})}, {.mode = "concat"})});
  const std::string text = summary(model, 100);
  INFO(text);
  CHECK(text.find("shared[0][0]") != std::string::npos);
  CHECK(text.find("shared[1][0]") != std::string::npos);
  CHECK(text.find("Total params: 10\n") != std::string::npos);
  CHECK(text.find("Frozen") == std::string::npos);
}
