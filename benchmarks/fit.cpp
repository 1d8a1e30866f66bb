// What `fit` costs beside its steps alone, as a table in Markdown: shuffling, gathering the rows of
// each batch from all over the data set, accuracy, averages and progress included.
//   fit [THREADS]

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "cornu_net.hpp"
#include "timing.hpp"

namespace bench {
namespace {

/// Standard output goes nowhere while it lives: `fit` reports its progress there.
class Silence {
 public:
  Silence() : kept_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    close(nowhere);
  }
  ~Silence() {
    std::fflush(stdout);
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  int kept_;
};

void run(const Net& net) {
  using namespace cornu;
  constexpr std::size_t epochs = 5;
  constexpr int rounds = 7;
  const Data data(net);
  Tensor one_x(Shape{net.batch, net.widths.front()}, data.features);
  Tensor one_y(Shape{net.batch, net.widths.back()});
  for (std::size_t r = 0; r < net.batch; ++r) one_y(r, data.classes[r]) = 1;

  Sequential steps = cornu_net(net), whole = cornu_net(net, {"accuracy"});
  const auto step = [&] { steps.train_on_batch(one_x, one_y); };
  microseconds(step, 20);
  // Epochs of some 20 ms, of 60 000 samples at most.
  const double batches_in_time = 20000 / microseconds(step, 20);
  const std::size_t batches =
      std::clamp<std::size_t>(static_cast<std::size_t>(batches_in_time), 8, 60000 / net.batch);

  const std::size_t samples = batches * net.batch;
  Tensor x(Shape{samples, net.widths.front()}), y(Shape{samples, net.widths.back()});
  for (std::size_t b = 0; b < batches; ++b) {
    std::copy(one_x.begin(), one_x.end(), x.data() + b * one_x.size());
    std::copy(one_y.begin(), one_y.end(), y.data() + b * one_y.size());
  }
  std::vector<double> alone, together;
  for (int round = 0; round < rounds; ++round) {
    alone.push_back(microseconds(step, static_cast<int>(batches * epochs)));
    const Silence silence;
    together.push_back(
        microseconds([&] { whole.fit(x, y, {.batch_size = net.batch, .nb_epoch = epochs}); }) /
        static_cast<double>(batches * epochs));
  }
  std::printf("| %s | %zu | %.2f | %.2f | %.2f |\n", title(net).c_str(), samples, median(alone),
              median(together), median(together) / median(alone));
  std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  set_threads_of_cornu(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1);
  std::printf(
      "| net, batch | optimizer | samples | step alone, µs | step of `fit`, µs | ratio |\n"
      "|---|---|---|---|---|---|\n");
  for (const bool adam : {false, true})
    for (const auto& [widths, batch] : nets()) run({widths, batch, adam});
}
