#include "timing.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

namespace bench {

Data::Data(const Net& net) : features(net.batch * net.widths.front()), classes(net.batch) {
  unsigned state = 12345;
  for (float& value : features) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<double>(state >> 8) / 8388608.0 - 1.0);
  }
  for (std::size_t r = 0; r < net.batch; ++r) classes[r] = (r * 7) % net.widths.back();
}

const std::vector<std::pair<std::vector<std::size_t>, std::size_t>>& nets() {
  static const std::vector<std::pair<std::vector<std::size_t>, std::size_t>> all{
      {{2, 16, 16, 2}, 4},
      {{64, 64, 10}, 32},
      {{784, 128, 10}, 32},
      {{784, 256, 128, 10}, 128},
      {{784, 1024, 1024, 10}, 128}};
  return all;
}

std::string title(const Net& net) {
  std::string text;
  for (const std::size_t width : net.widths)
    text += (text.empty() ? "" : "-") + std::to_string(width);
  return text + ", " + std::to_string(net.batch) + " | " + (net.adam ? "Adam" : "SGD");
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

double microseconds(const std::function<void()>& body, int repetitions) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (int i = 0; i < repetitions; ++i) body();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / repetitions;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::vector<double> compare(const std::vector<std::function<void()>>& bodies, double turn) {
  constexpr int rounds = 15;
  std::vector<std::vector<double>> times(bodies.size());
  std::vector<int> repetitions(bodies.size(), 0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!bodies[b]) continue;
    microseconds(bodies[b], 20);
    repetitions[b] = std::clamp(static_cast<int>(turn / microseconds(bodies[b], 5)), 3, 50000);
  }
  for (int round = 0; round < rounds; ++round)
    for (std::size_t b = 0; b < bodies.size(); ++b)
      if (bodies[b]) times[b].push_back(microseconds(bodies[b], repetitions[b]));
  std::vector<double> medians;
  for (const auto& values : times) medians.push_back(values.empty() ? 0 : median(values));
  return medians;
}

}  // namespace bench
