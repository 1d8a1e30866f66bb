// Trains and asks the same small networks in Cornu and its peers, turn by turn, and prints medians
// and ratios as Markdown.
//   nets [THREADS]   Cornu beside the others
//   nets --scaling   Cornu with two threads beside one
//   nets --core      the name of OpenBLAS's kernels

#include <cblas.h>

#include <cstdio>
#include <cstdlib>
#include <functional>

#include "timing.hpp"

namespace bench {

namespace {

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
  // Long turns: at the beginning of one with two threads, the second sleeps.
  const std::vector<double> times = compare({with(1), with(2)}, 40000);
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
      for (const auto& [widths, batch] : nets()) run_scaling({widths, batch, adam});
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
    for (const auto& [widths, batch] : nets()) run({widths, batch, adam});
}
