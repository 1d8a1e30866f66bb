#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "cornu/core/log.hpp"

using namespace cornu;

TEST_CASE("messages below the level are dropped, the others reach the user's sink") {
  std::vector<std::string> seen;
  log::set_sink([&](log::Level, std::string_view message) { seen.emplace_back(message); });
  log::info("quiet");
  log::warning("{} stays as it is");
  log::set_level(log::Level::debug);
  log::debug("now");
  log::set_level(log::Level::off);
  log::error("never");
  log::set_level(log::Level::warning);
  log::set_sink({});
  CHECK(seen == std::vector<std::string>{"{} stays as it is", "now"});
}

TEST_CASE("a sink may log and take itself away") {
  int calls = 0;
  log::set_sink([&](log::Level, std::string_view) {
    if (++calls == 1) log::warning("again");
    log::set_sink({});
  });
  log::warning("once");
  CHECK(calls == 2);
  log::set_sink({});
}
