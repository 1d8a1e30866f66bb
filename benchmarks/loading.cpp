// What loading a model of many weights takes, beside parsing the same file into a tree of
// nlohmann/json, as a table in Markdown. Each loading is a process of its own, so that its peak of
// memory is its own; they take turns.
//   loading [MILLIONS OF WEIGHTS]

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cornu/cornu.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "timing.hpp"

namespace bench {
namespace {

struct Cost {
  double seconds = 0, mebibytes = 0;
};

double peak_mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

/// Time and memory of a call in a child process; memory beyond what the process began with.
Cost cost(const std::function<void()>& body) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    Cost own;
    const double before = peak_mebibytes();
    own.seconds = microseconds(body) / 1e6;
    own.mebibytes = peak_mebibytes() - before;
    const bool written = write(ends[1], &own, sizeof own) == sizeof own;
    _exit(written ? 0 : 1);
  }
  Cost result;
  const bool whole = child > 0 && read(ends[0], &result, sizeof result) == sizeof result;
  int status = 1;
  if (child > 0) waitpid(child, &status, 0);
  close(ends[0]);
  close(ends[1]);
  if (!whole || status != 0) throw std::runtime_error("a loading failed");
  return result;
}

void run(std::size_t millions) {
  using namespace cornu;
  const auto folder =
      std::filesystem::temp_directory_path() / ("cornu_loading_" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string decimal = folder / "decimal.json", base64 = folder / "base64.json";
  {
    Sequential model;
    model.add<Dense>({.output_dim = 1000 * millions, .input_shape = {1000}});
    model.save(decimal);
    model.save(base64, {.base64 = true});
  }
  const auto tree = [](const std::string& path) {
    return [path] {
      std::ifstream file(path, std::ios::binary);
      if (nlohmann::json::parse(file).empty()) throw std::runtime_error("an empty tree");
    };
  };
  const auto load = [](const std::string& path) { return [path] { load_model(path); }; };
  const std::vector<std::pair<const char*, std::function<void()>>> bodies{
      {"a tree of the decimal file", tree(decimal)},
      {"load_model, decimal", load(decimal)},
      {"a tree of the base64 file", tree(base64)},
      {"load_model, base64", load(base64)}};
  std::vector<std::vector<double>> seconds(bodies.size()), memory(bodies.size());
  for (int round = 0; round < 5; ++round)
    for (std::size_t b = 0; b < bodies.size(); ++b) {
      const Cost one = cost(bodies[b].second);
      seconds[b].push_back(one.seconds);
      memory[b].push_back(one.mebibytes);
    }
  std::filesystem::remove_all(folder);

  std::printf(
      "| %zu million weights, %zu MiB | s | the decimal tree takes | MiB at most "
      "|\n|---|---|---|---|\n",
      millions, millions * 1000000 * sizeof(Scalar) >> 20);
  for (std::size_t b = 0; b < bodies.size(); ++b)
    std::printf("| %s | %.2f | %.1f | %.0f |\n", bodies[b].first, median(seconds[b]),
                median(seconds[0]) / median(seconds[b]), median(memory[b]));
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  cornu::set_num_threads(1);  // threads do not survive a fork
  bench::run(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 10);
}
