// What one prediction costs: Model::predict_on_batch beside a Predictor, the two taking turns, and
// with a second thread that predicts on the same model all the while.

#include <atomic>
#include <cstdio>
#include <thread>

#include "cornu/cornu.hpp"
#include "timing.hpp"

namespace {

using namespace cornu;

void measure(const Sequential& model, std::size_t samples, const char* other) {
  Tensor x(model.input_shape().with_samples(samples)),
      y(model.output_shape().with_samples(samples));
  RandomStream(1, Purpose::user).fill_normal(x.array(), 0, 1);
  Predictor predictor(model, samples);
  const auto both = bench::compare({[&] { model.predict_on_batch(x, y); },
                                    [&] { predictor.predict(x.data(), y.data(), samples); }});
  std::printf("| %zu | %s | %.2f | %.2f | %.2f |\n", samples, other, both[0], both[1],
              both[1] / both[0]);
}

}  // namespace

int main() {
  set_num_threads(1);
  for (const std::size_t width : {16, 128}) {
    Sequential model;
    model.add<Dense>({.output_dim = width, .activation = "relu", .input_shape = {8}});
    model.add<Dense>({.output_dim = width, .activation = "relu"});
    model.add<Dense>({.output_dim = 4});
    std::printf(
        "8-%zu-%zu-4, %s\n\n| samples | other threads | predict_on_batch, us | Predictor, us "
        "| ratio |\n|---|---|---|---|---|\n",
        width, width, bench::processor().c_str());
    for (const std::size_t samples : {1, 32}) {
      measure(model, samples, "none");
      std::atomic<bool> done{false};
      std::thread second([&] {
        Tensor x(Shape{samples, 8}), y(Shape{samples, 4});
        while (!done) model.predict_on_batch(x, y);
      });
      measure(model, samples, "one");
      done = true;
      second.join();
    }
    std::puts("");
  }
}
