// Trains and asks the same small networks in Cornu and its peers, turn by turn, and prints medians
// and ratios as Markdown.
//   nets [THREADS]   Cornu beside the others
//   nets --scaling   Cornu with two threads beside one, and beside what the machine can give
//   nets --core      the name of OpenBLAS's kernels

#include <cblas.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

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

/// One model on one thread, then on two; and two models at once, each on a thread of its own, which
/// need nothing from each other: what they gain together is what the machine can give.
void run_scaling(const Net& net) {
  constexpr int rounds = 15;
  const Data data(net);
  const PeerPtr cornu = make_cornu(net, data), left = make_cornu(net, data),
                right = make_cornu(net, data);
  set_threads_of_cornu(1);
  const auto steps_of = [](const PeerPtr& peer) { return [&peer] { peer->train(); }; };
  microseconds(steps_of(cornu), 20);
  // Long turns: at the beginning of one with two threads, the second sleeps.
  const int steps =
      std::clamp(static_cast<int>(40000 / microseconds(steps_of(cornu), 5)), 3, 50000);
  std::vector<double> one, two, gains, of_machine;
  for (int round = 0; round < rounds; ++round) {
    set_threads_of_cornu(1);
    one.push_back(microseconds(steps_of(cornu), steps));
    set_threads_of_cornu(2);
    two.push_back(microseconds(steps_of(cornu), steps));
    set_threads_of_cornu(1);
    const double both = microseconds([&] {
      std::thread other([&] { microseconds(steps_of(right), steps); });
      microseconds(steps_of(left), steps);
      other.join();
    });
    gains.push_back(one.back() / two.back());
    of_machine.push_back(2 * one.back() * steps / both);
  }
  std::printf("| %s | %.2f | %.2f | %.2f | %.2f |\n", title(net).c_str(), median(one), median(two),
              median(gains), median(of_machine));
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
        "| net, batch | optimizer | one thread, µs | two, µs | gain | two models at once gain |\n"
        "|---|---|---|---|---|---|\n");
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
