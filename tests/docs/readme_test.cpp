// README.md's table names what exists, no more and no less, and the files it points to are there.

#include <cornu/cornu.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace cornu;

namespace {

std::string page() {
  std::ifstream in(std::filesystem::path(CORNU_SOURCE_DIR) / "README.md");
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The names between backquotes in the table's row of that heading.
std::set<std::string> row(const std::string& heading) {
  static const std::regex quoted("`([^`]+)`");
  std::istringstream lines(page());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| " + heading + " |", 0) != 0) continue;
    std::set<std::string> names;
    for (std::sregex_iterator at(line.begin(), line.end(), quoted), end; at != end; ++at)
      names.insert((*at)[1]);
    return names;
  }
  return {};
}

}  // namespace

TEST_CASE("README.md names everything that is registered, and nothing else") {
  const std::vector<std::pair<std::string, std::vector<std::string>>> kinds = {
      {"Layers", layer_class_names()},     {"Initializers", initializer_names()},
      {"Activations", activation_names()}, {"Regularizers", regularizer_names()},
      {"Constraints", constraint_names()}, {"Objectives", objective_names()},
      {"Metrics", metric_names()},         {"Optimizers", optimizer_names()},
  };
  for (const auto& [heading, names] : kinds) {
    INFO("README.md, the row " << heading);
    CHECK(row(heading) == std::set<std::string>(names.begin(), names.end()));
  }
}

TEST_CASE("README.md points to files that are there") {
  static const std::regex link(R"(\]\(([^)]+)\))");
  const std::string text = page();
  int count = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at, ++count) {
    const std::string target = (*at)[1];
    INFO(target);
    if (target.rfind("http", 0) != 0)
      CHECK(std::filesystem::exists(std::filesystem::path(CORNU_SOURCE_DIR) / target));
  }
  CHECK(count > 3);
}
