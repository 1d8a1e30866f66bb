// A program of its own: it counts what is taken from the heap.
// A Predictor gives what the model gives, from the caller's memory into the caller's, without
// allocating.

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <optional>
#include <thread>

#include "cornu/cornu.hpp"

namespace {

std::atomic<long> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (bytes + alignment) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace cornu;

namespace {

Tensor random_tensor(const Shape& shape, std::uint64_t seed) {
  Tensor tensor(shape);
  RandomStream(seed, Purpose::user).fill_normal(tensor.array(), 0, 1);
  return tensor;
}

Sequential small_model() {
  Sequential model;
  model.add<Dense>({.output_dim = 16, .activation = "tanh", .input_shape = {8}});
  model.add<BatchNormalization>();
  model.add<Dense>({.output_dim = 3, .activation = "softmax"});
  return model;
}

bool same(const Tensor& a, const Tensor& b) { return std::equal(a.begin(), a.end(), b.begin()); }

}  // namespace

TEST_CASE("a predictor gives the model's bits, in pieces too, and never allocates") {
  const Sequential model = small_model();
  const Tensor x = random_tensor({7, 8}, 1), expected = model.predict(x, {.batch_size = 2});
  Tensor y(Shape{7, 3});
  Predictor predictor(model, 2);
  const long before = allocations;
  predictor.predict(x.data(), y.data(), 7);
  predictor.predict(x.view(), y.view());
  CHECK(allocations == before);
  CHECK(same(y, expected));
  CHECK(predictor.inputs()[0].shape == Shape{8});
  CHECK(predictor.outputs()[0].shape == Shape{3});
}

TEST_CASE("predictors of several threads allocate nothing from their first calls on") {
  const Sequential model = small_model();
  const Tensor x = random_tensor({1, 8}, 1), expected = model.predict(x);
  std::vector<Predictor> predictors;
  for (int t = 0; t < 3; ++t) predictors.emplace_back(model);
  std::vector<Tensor> y(3, Tensor(Shape{1, 3}));
  std::atomic<long> during{0}, ready{0};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      for (++ready; ready < 3;) std::this_thread::yield();
      const long before = allocations;
      for (int i = 0; i < 100; ++i) predictors[t].predict(x.data(), y[t].data());
      during += allocations - before;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(during == 0);
  for (const Tensor& result : y) CHECK(same(result, expected));
}

TEST_CASE("every input and output; null for one that is not wanted") {
  const Node a = input({2}, "a"), b = input({3}, "b");
  const Node joined = merge({a, b}, {.mode = "concat"});
  Model model({a, b}, {layer<Dense>({.output_dim = 2, .name = "p"})(joined),
                       layer<Dense>({.output_dim = 4, .name = "q"})(joined)});
  const Tensor xa = random_tensor({5, 2}, 1), xb = random_tensor({5, 3}, 2);
  const std::vector<Tensor> expected = model.predict_all({xa, xb}, {.batch_size = 5});
  Tensor p(Shape{5, 2}), q(Shape{5, 4});
  Predictor predictor(model, 5);
  const ConstView inputs[] = {xa.view(), xb.view()};
  const View outputs[] = {p.view(), q.view()};
  predictor.predict(inputs, outputs);
  CHECK(same(p, expected[0]));
  CHECK(same(q, expected[1]));
  const Scalar* from[] = {xa.data(), xb.data()};
  Scalar* to[] = {nullptr, q.data()};
  std::fill(q.begin(), q.end(), Scalar{0});
  predictor.predict(from, to, 5);
  CHECK(same(q, expected[1]));
  CHECK_THROWS_AS(predictor.predict(xa.data(), p.data()), ConfigError);
  const ConstView swapped[] = {xb.view(), xa.view()};
  CHECK_THROWS_AS(predictor.predict(swapped, outputs), ShapeError);
}

TEST_CASE("a predictor predicts with what its model has learnt, and outlives it") {
  std::optional<Sequential> model = small_model();
  model->compile({.optimizer = "sgd", .loss = "mse"});
  Predictor predictor(*model);
  const Tensor x = random_tensor({4, 8}, 1), y = random_tensor({4, 3}, 2);
  model->train_on_batch(x, y);
  const Tensor expected = model->predict(x, {.batch_size = 1});
  model.reset();
  Tensor got(Shape{4, 3});
  predictor.predict(x.data(), got.data(), 4);
  CHECK(same(got, expected));
}

TEST_CASE("what a predictor cannot do is refused in words") {
  const Sequential empty;
  CHECK_THROWS_WITH(Predictor(empty), Catch::Contains("no layers"));
  const Sequential model = small_model();
  CHECK_THROWS_AS(Predictor(model, 0), ConfigError);
  Predictor first(model);
  const Predictor second = std::move(first);
  CHECK_THROWS_WITH(first.batch_size(), Catch::Contains("moved from"));
  CHECK(second.batch_size() == 1);
}
