#include <catch2/catch.hpp>

#include "cornu/core/registry.hpp"

using namespace cornu;

TEST_CASE("the nearest name is found across slips of the pen") {
  const std::vector<std::string> known = {
      "Dense", "Dropout", "BatchNormalization", "Activation", "glorot_uniform", "he_normal", "l2"};
  CHECK(detail::nearest_name("Dnese", known) == "Dense");
  CHECK(detail::nearest_name("dense", known) == "Dense");
  CHECK(detail::nearest_name("batch_normalization", known) == "BatchNormalization");
  CHECK(detail::nearest_name("GlorotUniform", known) == "glorot_uniform");
  CHECK(detail::nearest_name("henormal", known) == "he_normal");
  CHECK(detail::nearest_name("l1", known) == "l2");
  CHECK(detail::nearest_name("quaternion", known).empty());
  CHECK(detail::nearest_name(std::string(100000, 'x'), known).empty());
  CHECK(detail::nearest_name("Dense", {}).empty());
}

TEST_CASE("an unknown name is refused with the known ones") {
  Registry<int> registry("layer");
  registry.add("Dense", 1);
  registry.add("Dropout", 2);
  CHECK(registry.find("Dense", "here") == 1);
  CHECK(registry.contains("Dropout"));
  CHECK(registry.names() == std::vector<std::string>{"Dense", "Dropout"});
  try {
    registry.find("Dnese", "config[0]");
    FAIL("found");
  } catch (const ConfigError& error) {
    CHECK(std::string(error.what()) ==
          "[config[0]] unknown layer 'Dnese'; help: did you mean 'Dense'? known: Dense, Dropout");
  }
  CHECK_THROWS_AS(registry.add("Dense", 3), ConfigError);
  CHECK_THROWS_AS(registry.add("", 3), ConfigError);
  CHECK(registry.find("Dense", "here") == 1);
}

TEST_CASE("what a file says is cut and escaped before it is printed") {
  CHECK(detail::printable("a\n\x1b[2Jb\xff") == "a\\x0a\\x1b[2Jb\\xff");
  CHECK(detail::printable("abcdef", 3) == "abc...");
}

TEST_CASE("a name of another framework stands for what it means, of the kind that is asked for") {
  const std::vector<std::string> initializers = {"glorot_uniform", "he_normal", "identity",
                                                 "normal", "uniform"};
  CHECK(detail::nearest_name("xavier_uniform", initializers) == "glorot_uniform");
  CHECK(detail::nearest_name("RandomNormal", initializers) == "normal");
  CHECK(detail::nearest_name("kaiming_normal", initializers) == "he_normal");
  const std::vector<std::string> activations = {"linear", "relu", "sigmoid", "swish"};
  CHECK(detail::nearest_name("silu", activations) == "swish");
  CHECK(detail::nearest_name("identity", activations) == "linear");
  CHECK(detail::nearest_name("Linear", {"Dense", "Merge"}) == "Dense");
  CHECK(detail::nearest_name("add", {"Dense", "Merge"}) == "Merge");
  CHECK(detail::nearest_name("add", {"sum", "mul"}) == "sum");
}
