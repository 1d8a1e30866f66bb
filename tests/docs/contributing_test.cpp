// A program of its own: what it registers must not reach other tests.
// The layer that CONTRIBUTING.md shows, compiled out of the page, is right and works as it says.

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cornu/layers/checking/gradient_check.hpp"
#include "cornu/layers/layer_class.hpp"
#include "cornu/layers/scale.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

TEST_CASE("the layer of CONTRIBUTING.md passes the gradient check") {
  for (const LayerExample& example : Scale::examples()) {
    const GradientReport report = gradient_check(example);
    INFO(report.to_string());
    CHECK(report.passed);
    CHECK(report.checked >= 10);
  }
}

TEST_CASE("the layer of CONTRIBUTING.md is found by its name once registered") {
  register_layer<Scale>("Scale");
  Sequential model;
  model.add<Scale>({.init = "uniform", .input_shape = {3}});
  const auto twin = model_from_json(model.to_json());
  CHECK(twin->get_layer(0)->class_name() == "Scale");
  CHECK(twin->count_params() == 3);
}

TEST_CASE("the files that CONTRIBUTING.md names are there") {
  const std::filesystem::path root = CORNU_SOURCE_DIR;
  std::ifstream in(root / "CONTRIBUTING.md");
  const std::string page(std::istreambuf_iterator<char>(in), {});
  for (const char* name : {"layers/builtins.cpp", "cornu.hpp", "tests/floors_test.cpp",
                           "tests/layers/checking/layer_contract_test.cpp", "core/error.hpp",
                           "scripts/test", ".ci/run"}) {
    INFO(name);
    CHECK(page.find(name) != std::string::npos);
    CHECK(std::filesystem::exists(root / name));
  }
}
