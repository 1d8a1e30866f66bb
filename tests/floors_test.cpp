// The folders are floors: a file includes only from its own folder and from those below.

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace fs = std::filesystem;

namespace {

/// What each floor may include from, besides itself.
const std::map<std::string, std::set<std::string>> floors = {
    {"core", {}},
    {"kernels", {"core"}},
    {"datasets", {"core", "kernels"}},
    {"initializations", {"core", "kernels"}},
    {"layers", {"core", "kernels", "initializations"}},
    {"optimizers", {"core", "kernels"}},
    {"graph", {"core", "kernels", "initializations", "layers"}},
    {"training", {"core", "kernels", "initializations", "layers", "optimizers", "graph"}},
    {"models", {"core", "kernels", "initializations", "layers", "optimizers", "graph", "training"}},
    {"inspection",
     {"core", "kernels", "initializations", "layers", "optimizers", "graph", "training", "models"}},
};

/// Folders at the top that hold no part of the library.
const std::set<std::string> outside = {"benchmarks", "cmake",   "docs", "examples",
                                       "fuzz",       "scripts", "tests"};

bool is_source(const fs::path& file) {
  static const std::set<std::string> endings = {".cpp", ".cc", ".c", ".h", ".hpp", ".inc", ".ipp"};
  return endings.count(file.extension().string()) != 0;
}

std::string first_part(const fs::path& path) {
  return path.empty() ? std::string() : path.begin()->string();
}

/// The folder below `root` that an include of `name` in `file` reaches, "" for one elsewhere.
/// `#include "cornu/cornu.hpp"` gives "cornu.hpp", which is no floor.
std::string reached_folder(const fs::path& root, const fs::path& file, const std::string& name) {
  const fs::path path = fs::path(name).lexically_normal();
  if (first_part(path) == "cornu") return first_part(path.lexically_relative("cornu"));
  for (const fs::path& from : {file.parent_path(), root}) {
    const fs::path target = (from / path).lexically_normal();
    const fs::path below = target.lexically_relative(root);
    if (fs::exists(target) && first_part(below) != "..") return first_part(below);
  }
  return {};
}

/// One line of text for every include below `root` that goes up or out of the library, or that
/// cannot be read.
std::vector<std::string> upward_includes(const fs::path& root) {
  static const std::regex include(R"(^\s*#\s*(?:include|include_next|import)\b\s*(.*)$)");
  static const std::regex written(R"(^["<]([^">]+)[">].*$)");
  std::vector<std::string> found;
  for (const auto& [floor, below] : floors) {
    if (!fs::exists(root / floor)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / floor)) {
      if (!is_source(entry.path())) continue;
      std::ifstream in(entry.path());
      std::string line;
      for (int number = 1; std::getline(in, line); ++number) {
        std::smatch directive, name;
        if (!std::regex_match(line, directive, include)) continue;
        const std::string place = entry.path().lexically_relative(root).string() + ":" +
                                  std::to_string(number) + ": " + line;
        const std::string rest = directive[1];
        if (!std::regex_match(rest, name, written)) {
          found.push_back(place);
          continue;
        }
        const std::string folder = reached_folder(root, entry.path(), name[1]);
        if (!folder.empty() && folder != floor && below.count(folder) == 0) found.push_back(place);
      }
    }
  }
  return found;
}

/// Folders at the top of the tree with sources that neither are a floor nor stand outside.
std::vector<std::string> unknown_folders(const fs::path& root) {
  std::vector<std::string> found;
  for (const auto& top : fs::directory_iterator(root)) {
    const std::string name = top.path().filename().string();
    if (!top.is_directory() || name[0] == '.' || name.rfind("build", 0) == 0 ||
        name.rfind("install", 0) == 0 || floors.count(name) != 0 || outside.count(name) != 0)
      continue;
    for (const auto& entry : fs::recursive_directory_iterator(top))
      if (is_source(entry.path())) {
        found.push_back(name);
        break;
      }
  }
  return found;
}

/// A folder of this test alone, gone at the end.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(fs::temp_directory_path() /
              ("cornu-floors-" + std::to_string(std::random_device{}()))) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() { fs::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("no source file includes from a higher floor") {
  for (const std::string& line : upward_includes(CORNU_SOURCE_DIR)) FAIL_CHECK(line);
  CHECK(fs::exists(fs::path(CORNU_SOURCE_DIR) / "core" / "tensor.hpp"));
}

TEST_CASE("every folder of sources is a floor or known to stand outside") {
  for (const std::string& name : unknown_folders(CORNU_SOURCE_DIR)) FAIL_CHECK(name);
}

TEST_CASE("planted upward includes are noticed, however they are written") {
  const TemporaryFolder tree;
  tree.write("models/model.hpp", "#pragma once\n");
  tree.write("graph/plan.hpp", "#pragma once\n");
  tree.write("layers/layer.hpp", "#include \"cornu/core/shape.hpp\"\n#include <vector>\n");
  tree.write("optimizers/optimizer.hpp", "#include \"cornu/core/shape.hpp\"\n");
  REQUIRE(upward_includes(tree.path()).empty());

  const char* bad[] = {
      "#include \"cornu/models/model.hpp\"",
      "#include <cornu/models/model.hpp>",
      "#include \"cornu/core/../models/model.hpp\"",
      "#include \"../models/model.hpp\"",
      "#include \"models/model.hpp\"",
      "  #  include   \"cornu/graph/plan.hpp\"  // why not",
      "#include \"cornu/cornu.hpp\"",
      "#include \"cornu/tests/helper.hpp\"",
      "#include SOME_HEADER",
  };
  for (const char* line : bad) {
    tree.write("layers/dense.cpp",
               "#include \"cornu/layers/layer.hpp\"\n" + std::string(line) + "\n");
    INFO(line);
    const auto found = upward_includes(tree.path());
    REQUIRE(found.size() == 1);
    CHECK(found[0] == "layers/dense.cpp:2: " + std::string(line));
  }

  tree.write("layers/dense.cpp", "");
  tree.write("optimizers/detail/sgd.cpp", "#include \"cornu/layers/layer.hpp\"\n");
  CHECK(upward_includes(tree.path()).size() == 1);
}

TEST_CASE("a planted folder beside the floors is noticed") {
  const TemporaryFolder tree;
  tree.write("tests/a_test.cpp", "");
  tree.write("docs/page.md", "");
  CHECK(unknown_folders(tree.path()).empty());
  tree.write("attic/old/layer.cpp", "");
  CHECK(unknown_folders(tree.path()) == std::vector<std::string>{"attic"});
}
