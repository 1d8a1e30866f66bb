// The committed reference pages are those that the sources make.
#include "../../docs/reference_pages.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

TEST_CASE("docs/reference is what the sources say") {
  for (const auto& [name, text] : reference_pages(CORNU_SOURCE_DIR)) {
    std::ifstream in(std::string(CORNU_SOURCE_DIR) + "/docs/reference/" + name);
    std::ostringstream committed;
    committed << in.rdbuf();
    INFO("docs/reference/" << name << " is stale: cmake --build build --target reference_pages");
    CHECK((committed.str() == text));
  }
}
