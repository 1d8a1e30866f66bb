// Trains and asks the same small networks in Cornu and its peers, turn by turn, and prints medians
// and ratios as Markdown.
//   nets [THREADS]   Cornu beside the others
//   nets --scaling   Cornu with two threads beside one
//   nets --core      the name of OpenBLAS's kernels

#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "peers.hpp"

namespace bench {

Data::Data(const Net& net) : features(net.batch * net.widths.front()), classes(net.batch) {
  unsigned state = 12345;
  for (float& value : features) {
    state = state * 1664525u + 1013904223u;
    value = static_cast<float>(static_cast<double>(state >> 8) / 8388608.0 - 1.0);
  }
  for (std::size_t r = 0; r < net.batch; ++r) classes[r] = (r * 7) % net.widths.back();
}

namespace {

using Clock = std::chrono::steady_clock;

double microseconds(const std::function<void()>& body, int repetitions) {
  const auto start = Clock::now();
  for (int i = 0; i < repetitions; ++i) body();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / repetitions;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// The medians of each body's time, the bodies taking turns so that the machine's moods hit all.
std::vector<double> compare(const std::vector<std::function<void()>>& bodies) {
  constexpr int rounds = 15;
  constexpr double turn = 4000;  // microseconds
  std::vector<std::vector<double>> times(bodies.size());
  std::vector<int> repetitions(bodies.size(), 0);
  for (std::size_t b = 0; b < bodies.size(); ++b) {
    if (!bodies[b]) continue;
    microseconds(bodies[b], 20);
    repetitions[b] = std::clamp(static_cast<int>(turn / microseconds(bodies[b], 5)), 3, 5000);
  }
  for (int round = 0; round < rounds; ++round)
    for (std::size_t b = 0; b < bodies.size(); ++b)
      if (bodies[b]) times[b].push_back(microseconds(bodies[b], repetitions[b]));
  std::vector<double> medians;
  for (const auto& values : times) medians.push_back(values.empty() ? 0 : median(values));
  return medians;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  return "unknown processor";
}

const std::vector<std::pair<std::vector<std::size_t>, std::size_t>> nets{
    {{2, 16, 16, 2}, 4},
    {{64, 64, 10}, 32},
    {{784, 128, 10}, 32},
    {{784, 256, 128, 10}, 128},
    {{784, 1024, 1024, 10}, 128}};

std::string title(const Net& net) {
  std::string text;
  for (const std::size_t width : net.widths)
    text += (text.empty() ? "" : "-") + std::to_string(width);
  return text + ", " + std::to_string(net.batch) + " | " + (net.adam ? "Adam" : "SGD");
}

void print_cell(double value, const char* format) {
  if (value > 0)
    std::printf(format, value);
  else
    std::printf(" – |");
}

void run(const Net& net) {
  const Data data(net);
  const PeerPtr cornu = make_cornu(net, data), floor = make_floor(net, data),
                libtorch = make_libtorch(net, data), dlib = make_dlib(net, data);
  const auto body = [](const PeerPtr& peer, void (Peer::*what)()) -> std::function<void()> {
    if (!peer) return {};
    return [&peer, what] { (peer.get()->*what)(); };
  };
  const auto all = [&](void (Peer::*what)()) {
    return compare({body(cornu, what), body(floor, what), body(libtorch, what), body(dlib, what)});
  };
  const std::vector<double> step = all(&Peer::train), predict = all(&Peer::predict);
  std::printf("| %s |", title(net).c_str());
  for (const auto& times : {step, predict}) {
    std::printf(" %.2f |", times[0]);
    print_cell(times[0] / times[1], " %.2f |");
    print_cell(times[2] / times[0], " %.2f |");
    print_cell(times[3] / times[0], " %.2f |");
  }
  std::printf("\n");
  std::fflush(stdout);
}

void run_scaling(const Net& net) {
  const Data data(net);
  const PeerPtr cornu = make_cornu(net, data);
  const auto with = [&](std::size_t threads) {
    return [&cornu, threads] {
      set_threads_of_cornu(threads);
      cornu->train();
    };
  };
  const std::vector<double> times = compare({with(1), with(2)});
  std::printf("| %s | %.2f | %.2f | %.2f |\n", title(net).c_str(), times[0], times[1],
              times[0] / times[1]);
  std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  const std::string option = argc > 1 ? argv[1] : "";
  if (option == "--core") {
    std::puts(openblas_get_corename());
    return 0;
  }
  if (option == "--scaling") {
    std::printf(
        "| net, batch | optimizer | one thread, µs | two, µs | gain |\n|---|---|---|---|---|\n");
    for (const bool adam : {false, true})
      for (const auto& [widths, batch] : nets) run_scaling({widths, batch, adam});
    return 0;
  }
  const std::size_t threads = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1;
  set_threads_of_cornu(threads);
  set_threads_of_libtorch(threads);
  std::printf("%s; OpenBLAS core %s; %s; %s; %s; %zu thread%s\n\n", processor().c_str(),
              openblas_get_corename(), version_of_cornu().c_str(), version_of_libtorch().c_str(),
              version_of_dlib().c_str(), threads, threads == 1 ? "" : "s");
  std::printf(
      "| net, batch | optimizer | step, µs | of the floor | libtorch takes | dlib takes "
      "| prediction, µs | of the floor | libtorch takes | dlib takes |\n"
      "|---|---|---|---|---|---|---|---|---|---|\n");
  for (const bool adam : {false, true})
    for (const auto& [widths, batch] : nets) run({widths, batch, adam});
}
