// The header that users include: all of the public interface, and none of what stands behind it.

#include <cornu/cornu.hpp>

#if defined(INCLUDE_NLOHMANN_JSON_HPP_)
#error "a public header includes nlohmann/json.hpp; include nlohmann/json_fwd.hpp"
#endif
#if defined(SPDLOG_VERSION) || defined(SPDLOG_HEADER_ONLY)
#error "a public header includes spdlog"
#endif
#if defined(CBLAS_H) || defined(OPENBLAS_VERSION)
#error "a public header includes cblas.h"
#endif

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("cornu.hpp includes every public header, and no other") {
  const fs::path root = CORNU_SOURCE_DIR;
  std::set<std::string> expected = {"#include \"cornu/core/config.hpp\""};
  for (const char* floor : {"core", "kernels", "datasets", "initializations", "layers",
                            "optimizers", "graph", "training", "models", "inspection"}) {
    if (!fs::exists(root / floor)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / floor))
      if (entry.path().extension() == ".hpp" &&
          text_of(entry.path()).find("// Not a public header") == std::string::npos)
        expected.insert("#include \"cornu/" + entry.path().lexically_relative(root).string() +
                        "\"");
  }
  std::set<std::string> included;
  std::istringstream lines(text_of(root / "cornu.hpp"));
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("#include", 0) == 0) included.insert(line);
  for (const std::string& line : expected) {
    INFO("missing in cornu.hpp: " << line);
    CHECK(included.count(line) == 1);
  }
  for (const std::string& line : included) {
    INFO("not a public header: " << line);
    CHECK(expected.count(line) == 1);
  }
}

TEST_CASE("the headers say which version and number type they belong to") {
  CHECK(std::string(CORNU_VERSION) == std::to_string(CORNU_VERSION_MAJOR) + "." +
                                          std::to_string(CORNU_VERSION_MINOR) + "." +
                                          std::to_string(CORNU_VERSION_PATCH));
  CHECK((sizeof(cornu::Scalar) == sizeof(float) || sizeof(cornu::Scalar) == sizeof(double)));
}
