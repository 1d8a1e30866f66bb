// Trains the same network on Fashion-MNIST in Cornu and in libtorch, epoch by epoch in turn, and
// prints what an epoch takes and what the way to a test accuracy of 0.88, as Markdown.
//   fashion [FOLDER]    where the four files are; by default Debian's dataset-fashion-mnist

#include "fashion.hpp"

#include <array>
#include <cstdio>
#include <exception>
#include <string>

#include "../examples/data.hpp"
#include "timing.hpp"

namespace bench {
namespace {

constexpr double wanted = 0.88;
constexpr std::size_t least_epochs = 5, most_epochs = 20;

/// One framework's run.
struct Way {
  FashionPeerPtr peer;
  std::vector<double> seconds;  ///< of each epoch
  double accuracy = 0;          ///< where it stopped
  bool there = false;

  bool done() const { return !peer || (there && seconds.size() >= least_epochs); }
  void epoch() {
    seconds.push_back(microseconds([this] { peer->train(); }) / 1e6);
    if (there) return;
    ++epochs;
    total += seconds.back();
    accuracy = peer->accuracy();
    there = accuracy >= wanted;
  }
  /// To the accuracy.
  std::size_t epochs = 0;
  double total = 0;
};

void run(std::size_t threads, const Pictures& train, const Pictures& test) {
  set_threads_of_cornu(threads);
  set_threads_of_libtorch(threads);
  std::array<Way, 2> ways;
  ways[0].peer = make_cornu_fashion(train, test);
  ways[1].peer = make_libtorch_fashion(train, test);
  for (std::size_t epoch = 0; epoch < most_epochs && !(ways[0].done() && ways[1].done()); ++epoch)
    for (Way& way : ways)
      if (!way.done()) way.epoch();
  const char* const names[] = {"Cornu", "libtorch"};
  for (std::size_t i = 0; i < 2; ++i) {
    const Way& way = ways[i];
    if (!way.peer) continue;
    std::printf("| %zu | %s | %.3f | %.2f | %zu | %.2f | %.2f | %.4f |\n", threads, names[i],
                median(way.seconds), median(way.seconds) / median(ways[0].seconds), way.epochs,
                way.total, way.total / ways[0].total, way.accuracy);
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) try {
  using namespace bench;
  const std::string folder = argc > 1 ? argv[1] : "/usr/share/datasets/fashion-mnist";
  const auto read = [&folder](const std::string& part) {
    return examples::read_idx(folder + "/" + part + "-images-idx3-ubyte.gz",
                              folder + "/" + part + "-labels-idx1-ubyte.gz");
  };
  const examples::Images train = read("train"), test = read("t10k");
  std::printf(
      "| threads | | an epoch, s | of Cornu's | epochs to 0.88 | to 0.88, s | of Cornu's | "
      "accuracy then |\n|---|---|---|---|---|---|---|---|\n");
  for (const std::size_t threads : {1u, 2u})
    run(threads, {train.pixels.data(), train.labels}, {test.pixels.data(), test.labels});
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "fashion: %s\n", error.what());
  return 1;
}
