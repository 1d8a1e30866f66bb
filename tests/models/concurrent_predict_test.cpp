// One const model serves many threads (the thread sanitizer's preset runs this, too).

#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <thread>
#include <vector>

#include "cornu/core/random.hpp"
#include "cornu/layers/activation.hpp"
#include "cornu/layers/batch_normalization.hpp"
#include "cornu/layers/dense.hpp"
#include "cornu/models/sequential.hpp"

using namespace cornu;

TEST_CASE("threads that predict on one const model get the same bits as one alone") {
  set_seed(3);
  Sequential model;
  model.add<Dense>({.output_dim = 16, .activation = "tanh", .input_shape = {8}});
  model.add<BatchNormalization>();
  model.add<Dense>({.output_dim = 4, .activation = "softmax"});
  RandomStream random(1, Purpose::user);
  std::vector<Tensor> inputs, expected;
  for (std::size_t samples : {1, 5, 32, 100}) {
    Tensor x(Shape{samples, 8});
    random.fill_normal(x.array(), 0, 1);
    inputs.push_back(std::move(x));
  }
  const Model& shared = model;
  for (const Tensor& x : inputs) expected.push_back(shared.predict(x));

  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 50; ++i) {
        const std::size_t which = (t + i) % inputs.size();
        const Tensor got = shared.predict(inputs[which]);
        wrong += std::memcmp(got.data(), expected[which].data(), got.size() * sizeof(Scalar)) != 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("the first predictions may come from several threads at once") {
  Sequential model;
  model.add<Dense>({.output_dim = 3, .input_shape = {2}});
  const Model& shared = model;
  const Tensor x(Shape{2, 2}, {1, 2, 3, 4});
  std::vector<Tensor> got(4);
  std::vector<std::thread> threads;
  for (Tensor& y : got) threads.emplace_back([&shared, &x, &y] { y = shared.predict(x); });
  for (std::thread& thread : threads) thread.join();
  for (const Tensor& y : got)
    CHECK(std::memcmp(y.data(), got[0].data(), y.size() * sizeof(Scalar)) == 0);
}
