#include "cornu/core/instruction_set.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

using namespace cornu;

TEST_CASE("loops run on an instruction set that has a name, and on none wider than asked for") {
  const std::string name = instruction_set();
  CHECK((name == "portable" || name == "avx2" || name == "avx512"));
  const char* const asked = std::getenv("CORNU_INSTRUCTION_SET");
  if (asked == nullptr) return;
  if (std::string(asked) == "portable") CHECK(name == "portable");
  if (std::string(asked) == "avx2") CHECK(name != "avx512");
}
