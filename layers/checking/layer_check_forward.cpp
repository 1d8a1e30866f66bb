#include <thread>

#include "cornu/layers/checking/layer_check_parts.hpp"

namespace cornu::detail {

void LayerCheck::check_forward(bool training) {
  const std::string when = training ? " in training" : " in testing";
  Run run = start(samples_);
  const Run before = run;
  const std::vector<Tensor> parameters = probe_.parameters, states = probe_.states;
  probe_.forward(run, training);
  expect(intact(run), "forward writes outside of an array" + when);
  expect(
      finite(run.y.array()),
      "forward leaves an element of the output unwritten, or reads what was never written" + when);
  expect(finite(run.mask.array()), "forward leaves an element of the mask unwritten" + when);
  expect(std::all_of(run.mask.array().begin(), run.mask.array().end(),
                     [](Scalar v) { return v == 0 || v == 1 || !std::isfinite(v); }),
         "forward writes a mask that is neither 0 nor 1" + when);
  for (std::size_t i = 0; i < run.x.size(); ++i)
    expect(same_bits(run.x[i].array(), before.x[i].array()), "forward changes its input" + when);

  Run again = start(samples_);
  probe_.forward(again, training);
  expect(same_bits(again.y.array(), run.y.array()),
         "forward gives other numbers the second time" + when);
  check_honesty_of_forward(run, training);
}

void LayerCheck::check_honesty_of_forward(const Run& run, bool training) {
  if (training && !traits_.training_differs && !traits_.random) {
    Run testing = start(samples_);
    probe_.forward(testing, false);
    expect(same_bits(testing.y.array(), run.y.array()),
           "training and testing differ, but traits do not say training_differs");
  }
  if (training && traits_.random) return;
  Run other = start(samples_);
  other.random = RandomStream(options_.seed + 1, Purpose::noise);
  probe_.forward(other, training);
  expect(same_bits(other.y.array(), run.y.array()),
         training ? "random numbers change the output, but traits do not say random"
                  : "random numbers change the output in testing");
}

void LayerCheck::check_threads() {
  Run expected = start(samples_);
  probe_.forward(expected, true);
  constexpr std::size_t count = 4;
  std::vector<Run> runs(count, start(samples_));
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (Run& run : runs)
    threads.emplace_back([this, &run] {
      for (int i = 0; i < 20; ++i) probe_.forward(run, true);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Run& run : runs)
    expect(same_bits(run.y.array(), expected.y.array()),
           "forward from several threads at once gives other numbers");
}

}  // namespace cornu::detail
