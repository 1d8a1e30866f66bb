#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "fuzzer.hpp"

namespace fuzz {

/// The good model files beside this header.
inline std::vector<nlohmann::json> seeds() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(CORNU_FUZZ_SEEDS))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<nlohmann::json> result;
  for (const auto& file : files) {
    std::ifstream in(file);
    result.push_back(nlohmann::json::parse(in));
  }
  promise(!result.empty(), "there are seeds");
  return result;
}

}  // namespace fuzz
