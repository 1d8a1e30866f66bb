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
  constexpr int rounds = 31;
  const std::size_t features = net.widths.front(), classes = net.widths.back();
  const Data data(net);
  const Tensor one_x(Shape{net.batch, features}, data.features);
  Tensor one_y(Shape{net.batch, classes});
  for (std::size_t r = 0; r < net.batch; ++r) one_y(r, data.classes[r]) = 1;

  // Epochs of some 20 ms, of 60 000 samples at most.
  Sequential first = cornu_net(net);
  const auto first_step = [&] { first.train_on_batch(one_x, one_y); };
  microseconds(first_step, 20);
  const double batches_in_time = 20000 / microseconds(first_step, 20);
  const std::size_t batches =
      std::clamp<std::size_t>(static_cast<std::size_t>(batches_in_time), 8, 60000 / net.batch);

  // The same rows with another class each time, as data are, so that nothing can be foretold.
  const std::size_t samples = batches * net.batch;
  Tensor x(Shape{samples, features}), y(Shape{samples, classes});
  std::vector<Tensor> batches_x, batches_y;
  for (std::size_t b = 0; b < batches; ++b) {
    batches_x.push_back(one_x);
    batches_y.emplace_back(Shape{net.batch, classes});
    for (std::size_t r = 0; r < net.batch; ++r)
      batches_y[b](r, data.classes[(r + b * 7 + b * b) % net.batch]) = 1;
    std::copy(one_x.begin(), one_x.end(), x.data() + b * one_x.size());
    std::copy(batches_y[b].begin(), batches_y[b].end(), y.data() + b * one_y.size());
  }
  std::vector<double> ready, in_order, together, ratios;
  for (int round = 0; round < rounds; ++round) {
    // New models each time: one that knows its batch by heart computes with denormals.
    Sequential again = cornu_net(net), steps = cornu_net(net), whole = cornu_net(net, {"accuracy"});
    const auto same = [&] { again.train_on_batch(one_x, one_y); };
    std::size_t next = 0;
    const auto step = [&] {
      steps.train_on_batch(batches_x[next % batches], batches_y[next % batches]);
      ++next;
    };
    microseconds(same, 20);
    microseconds(step, 20);
    whole.train_on_batch(one_x, one_y);
    ready.push_back(microseconds(same, static_cast<int>(batches * epochs)));
    in_order.push_back(microseconds(step, static_cast<int>(batches * epochs)));
    const Silence silence;
    together.push_back(
        microseconds([&] { whole.fit(x, y, {.batch_size = net.batch, .nb_epoch = epochs}); }) /
        static_cast<double>(batches * epochs));
    ratios.push_back(together.back() / in_order.back());
  }
  std::printf("| %s | %zu | %.2f | %.2f | %.2f | %.2f |\n", title(net).c_str(), samples,
              median(ready), median(in_order), median(together), median(ratios));
  std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  set_threads_of_cornu(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1);
  std::printf(
      "| net, batch | optimizer | samples | one batch again, µs | steps, µs | `fit`, µs | ratio |\n"
      "|---|---|---|---|---|---|---|\n");
  for (const bool adam : {false, true})
    for (const auto& [widths, batch] : nets()) run({widths, batch, adam});
}
